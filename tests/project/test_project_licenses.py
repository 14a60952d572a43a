"""project_licenses: names as people write them, texts as they lie in LICENSE files, and what a lock file tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from projecttest import make_project, project_rows
from secaudit.tables.project._licence_names import KIND_OF, kind_of, spdx_of
from secaudit.tables.project._licence_texts import licence_of_text

HERE = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("written", "spdx", "kind"),
    [
        ("MIT", "MIT", "permissive"), ("mit", "MIT", "permissive"), ("The MIT License (MIT)", "MIT", "permissive"),
        ("Apache License, Version 2.0", "Apache-2.0", "permissive"), ("Apache 2.0", "Apache-2.0", "permissive"),
        ("BSD", "BSD-3-Clause", "permissive"), ("MIT/Apache-2.0", "MIT OR Apache-2.0", "permissive"),
        ("(MIT OR GPL-3.0-or-later)", "(MIT OR GPL-3.0-or-later)", "permissive"),
        ("MIT AND GPL-3.0-only", "MIT AND GPL-3.0-only", "strong copyleft"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0", "weak copyleft"),
        ("(LGPL-2.1-only OR MIT) AND AGPL-3.0-only", "(LGPL-2.1-only OR MIT) AND AGPL-3.0-only", "network copyleft"),
        ("License :: OSI Approved :: GNU General Public License v3 (GPLv3)", "GPL-3.0-only", "strong copyleft"),
        ("LGPL", "LGPL-2.1-or-later", "weak copyleft"), ("BUSL-1.1", "BUSL-1.1", "limited"),
        ("SSPL-1.0", "SSPL-1.0", "limited"), ("CC-BY-NC-4.0", "CC-BY-NC-4.0", "limited"),
        ("My own words", "", "unknown"), ("MIT and more", "", "unknown"), ("", "", "unknown"), ("MIT MIT", "", "unknown"),
        ("(((((", "", "unknown"), ("MIT OR", "", "unknown"), ("OR MIT", "", "unknown"), ("MIT AND Odd", "", "unknown"),
    ],
)  # fmt: skip
def test_names(written: str, spdx: str, kind: str) -> None:
    assert kind_of(spdx_of(written)) == kind
    if kind != "unknown":
        assert spdx_of(written) == spdx


def test_each_name_of_the_list_is_one_of_spdx() -> None:
    from license_expression import get_spdx_licensing

    known = get_spdx_licensing()
    odd = [name for name, _ in KIND_OF.values() if known.validate(name).errors]
    assert odd == []


def test_texts_of_this_machine(tmp_path: Path) -> None:
    """Debian keeps the full texts of the large licences; they are the judges."""
    place = Path("/usr/share/common-licenses")
    wanted = {"GPL-3": "GPL-3.0-only", "GPL-2": "GPL-2.0-only", "LGPL-3": "LGPL-3.0-only", "LGPL-2.1": "LGPL-2.1-only",
              "Apache-2.0": "Apache-2.0", "MPL-2.0": "MPL-2.0", "CC0-1.0": "CC0-1.0"}  # fmt: skip
    seen = {name: licence_of_text((place / name).read_text()) for name in wanted if (place / name).is_file()}
    if not seen:
        pytest.skip("no /usr/share/common-licenses")
    assert seen == {name: wanted[name] for name in seen}
    assert licence_of_text((HERE / "LICENSE").read_text()) == "GPL-3.0-only"


MIT = """MIT License

Copyright (c) 2024 Someone

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software ... subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.
"""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (MIT, "MIT"),
        (MIT.replace("\n", "\r\n# "), "MIT"),
        ("Copyright 2024 Shop GmbH. All rights reserved. No part may be copied.", "closed"),
        ("Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted, provided that the above", "ISC"),
        ("Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted.", "0BSD"),
        ("Redistribution and use in source and binary forms ... Neither the name ... endorse or promote products", "BSD-3-Clause"),
        ("Redistribution and use in source and binary forms, in binary form must reproduce", "BSD-2-Clause"),
        ("Be nice.", ""), ("", ""),
    ],
)  # fmt: skip
def test_texts(text: str, name: str) -> None:
    assert licence_of_text(text) == name


def test_the_project_and_its_packages(tmp_path: Path) -> None:
    lock = {"lockfileVersion": 3, "packages": {
        "node_modules/a": {"version": "1.0.0", "license": "MIT"}, "node_modules/b": {"version": "1.0.0", "license": "SEE LICENSE IN LICENSE"},
        "node_modules/c": {"version": "1.0.0"}, "node_modules/d": {"version": "1.0.0", "dev": True, "license": "AGPL-3.0"},
    }}  # fmt: skip
    project = make_project(tmp_path / "p", {
        "LICENSE": MIT, "package.json": '{"name": "shop", "license": "Apache-2.0"}', "package-lock.json": json.dumps(lock),
        ".gitignore": "node_modules/\n", "node_modules/c/package.json": '{"version": "1.0.0", "license": "ISC"}',
    })  # fmt: skip
    rows = {(row["subject"], row["name"], row["origin"]): row for row in project_rows("project_licenses", project)}
    assert {key: (row["spdx"], row["category"], row["scope"]) for key, row in rows.items()} == {
        ("project", "", "file"): ("MIT", "permissive", ""),
        ("project", "shop", "manifest"): ("Apache-2.0", "permissive", ""),
        ("dependency", "a", "lock"): ("MIT", "permissive", "runtime"),
        ("dependency", "b", "lock"): ("", "limited", "runtime"),
        ("dependency", "c", "installed"): ("ISC", "permissive", "runtime"),
        ("dependency", "d", "lock"): ("AGPL-3.0", "network copyleft", "dev"),
    }


def test_a_virtual_environment_in_the_folder_tells(tmp_path: Path) -> None:
    meta = ".venv/lib/python3.11/site-packages"
    project = make_project(tmp_path / "p", {
        ".gitignore": ".venv/\n", "poetry.lock": "".join(f'[[package]]\nname = "{name}"\nversion = "1.0"\ngroups = ["main"]\nfiles = []\n' for name in ("a-b", "c", "d")),
        f"{meta}/a_b-1.0.dist-info/METADATA": "Metadata-Version: 2.4\nLicense-Expression: MIT\n\nLicense: body\n",
        f"{meta}/c-1.0.dist-info/METADATA": "License: Copyright text\nClassifier: License :: OSI Approved :: Apache Software License\n",
        f"{meta}/d-2.0.dist-info/METADATA": "License: MIT\n",
    })  # fmt: skip
    rows = {row["name"]: row for row in project_rows("project_licenses", project)}
    assert {name: (row["spdx"], row["origin"]) for name, row in rows.items()} == {
        "a-b": ("MIT", "installed"), "c": ("Apache-2.0", "installed"), "d": ("", ""),
    }  # fmt: skip
