"""Which licence a LICENSE file holds, by sentences that only it has."""

from __future__ import annotations

import re

_SIGNS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("AGPL-3.0-only", ("gnu affero general public license version 3",)),
    ("LGPL-3.0-only", ("gnu lesser general public license version 3",)),
    ("LGPL-2.1-only", ("gnu lesser general public license version 2.1",)),
    ("LGPL-2.0-only", ("gnu library general public license version 2",)),
    ("GPL-3.0-only", ("gnu general public license version 3",)),
    ("GPL-2.0-only", ("gnu general public license version 2",)),
    ("Apache-2.0", ("apache license version 2.0, january 2004",)),
    ("MPL-2.0", ("mozilla public license version 2.0",)),
    ("EPL-2.0", ("eclipse public license - v 2.0",)),
    ("EUPL-1.2", ("european union public licence", "1.2")),
    ("BUSL-1.1", ("business source license 1.1",)),
    ("SSPL-1.0", ("server side public license version 1",)),
    ("Elastic-2.0", ("elastic license 2.0",)),
    ("BSL-1.0", ("boost software license - version 1.0",)),
    ("Unlicense", ("this is free and unencumbered software released into the public domain",)),
    ("CC0-1.0", ("cc0 1.0 universal",)),
    ("CC-BY-NC-4.0", ("attribution-noncommercial 4.0 international",)),
    ("CC-BY-SA-4.0", ("attribution-sharealike 4.0 international",)),
    ("CC-BY-4.0", ("attribution 4.0 international",)),
    ("WTFPL", ("do what the fuck you want to public license",)),
    ("PSF-2.0", ("python software foundation license version 2",)),
    ("BSD-4-Clause", ("redistribution and use in source and binary forms", "all advertising materials")),
    ("BSD-3-Clause", ("redistribution and use in source and binary forms", "endorse or promote products")),
    ("BSD-2-Clause", ("redistribution and use in source and binary forms", "in binary form must reproduce")),
    ("Zlib", ("this software is provided 'as-is', without any express or implied warranty", "altered source versions")),
    ("MIT", ("permission is hereby granted, free of charge, to any person obtaining a copy",
             "this permission notice shall be included in all")),
    ("MIT-0", ("permission is hereby granted, free of charge, to any person obtaining a copy",)),
    ("ISC", ("permission to use, copy, modify, and", "distribute this software for any purpose with or without fee is"
             " hereby granted, provided that")),
    ("0BSD", ("permission to use, copy, modify, and", "distribute this software for any purpose with or without fee is"
              " hereby granted.")),
)  # fmt: skip
CLOSED = "closed"
_CLOSED = ("all rights reserved", "proprietary", "confidential", "unauthorized copying")


def licence_of_text(text: str) -> str:
    """The SPDX name; `closed` for a text that keeps all rights; empty when it is none that we know."""
    plain = re.sub(r"[\s#*/;]+", " ", text[:60_000].lower()).replace("’", "'").replace('"', "'")
    for name, signs in _SIGNS:
        if all(sign in plain for sign in signs):
            return name
    return CLOSED if any(sign in plain for sign in _CLOSED) and len(plain) < 20_000 else ""
