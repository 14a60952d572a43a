from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows


def test_exports_with_options_quotes_continuation_and_defaults(tmp_path: Path) -> None:
    text = (
        "# a comment\n/srv/data 192.168.1.5(rw,sync) *(ro,no_root_squash) # end\n"
        '"/srv/two words" \\\n  host.example(rw)\n/srv/old -rw,no_root_squash a b(root_squash)\n/srv/all (rw)\n'
    )
    found = [
        (row["share_path"], row["clients"], row["writable"], row["root_kept"], row["line"])
        for row in rows("network_shares", make_root(tmp_path, {"/etc/exports": text}))
    ]
    assert found == [
        ("/srv/data", "192.168.1.5", 1, 0, 2),
        ("/srv/data", "*", 0, 1, 2),
        ("/srv/two words", "host.example", 1, 0, 3),
        ("/srv/old", "a", 1, 1, 5),
        ("/srv/old", "b", 1, 0, 5),
        ("/srv/all", "*", 1, 0, 6),
    ]


def test_samba_shares_take_defaults_from_global_and_printers_are_left_out(tmp_path: Path) -> None:
    text = (
        "[global]\n guest ok = yes\n; x\n[Work]\n path = /srv/work\n Read Only = No\n guest ok = no\n"
        "[public]\n path = /srv/public\n writeable = yes\n read only = yes\n[printers]\n printable = yes\n"
        "[off]\n path = /x\n available = no\n"
    )
    found = [
        (row["name"], row["share_path"], row["writable"], row["guest"])
        for row in rows("network_shares", make_root(tmp_path, {"/etc/samba/smb.conf": text}))
    ]
    assert found == [("work", "/srv/work", 1, 0), ("public", "/srv/public", 0, 1)]


SAMBA_TEXTS = [
    "[a]\npath=/a\n[global]\nguest ok = yes\n",
    "[global]\nguest ok = yes\n[a]\npath=/a\n[global]\nguest ok = no\n",
    "[a]\npath=/a\ninclude = /etc/samba/more.conf\nread only = no\n",
    "[a]\npath=/a\nguest ok = yes\n[c]\ncopy = A\npath=/c\n",
    "[a]\npath=/a\npublic = 1\nguest ok = no\nwrite ok = yes\nread only = yes\n",
    "[A]\npath=/a\nGuest  OK=TRUE\nguestok = \\\nno\nwriteable=1\n[a]\nPUBLIC = on\n",
]
MORE = "guest ok = yes\n[b]\npath=/b\n"


@pytest.mark.skipif(shutil.which("testparm") is None, reason="samba is not installed")
@pytest.mark.parametrize("text", SAMBA_TEXTS)
def test_shares_of_samba_agree_with_testparm(tmp_path: Path, text: str) -> None:
    root = make_root(tmp_path / "root", {"/etc/samba/smb.conf": text, "/etc/samba/more.conf": MORE})
    (tmp_path / "more.conf").write_text(MORE)
    main = tmp_path / "smb.conf"
    main.write_text(text.replace("/etc/samba/", f"{tmp_path}/"))
    found = rows("network_shares", root)
    assert found
    for row in found:
        for option, value in (("guest ok", row["guest"]), ("read only", 1 - int(str(row["writable"])))):
            argv = ["testparm", "-s", str(main), f"--section-name={row['name']}", f"--parameter-name={option}"]
            said = subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()
            assert (row["name"], option, said) == (row["name"], option, "Yes" if value else "No")


def test_included_shares_of_samba_are_told_with_their_file(tmp_path: Path) -> None:
    files = {"/etc/samba/smb.conf": "[a]\npath=/a\ninclude = /etc/samba/more.conf\n", "/etc/samba/more.conf": MORE}
    found = [
        (row["name"], row["guest"], row["path"], row["line"])
        for row in rows("network_shares", make_root(tmp_path, files))
    ]
    assert found == [("a", 1, "/etc/samba/smb.conf", 1), ("b", 0, "/etc/samba/more.conf", 2)]


@pytest.mark.parametrize(
    "line",
    [
        "include = /etc/samba/%m.conf",
        "include = registry",
        "config file = /x",
        "guest ok = yes # why",
        "read only = maybe",
    ],
)
def test_settings_of_samba_that_cannot_be_told_are_not_passed_over(tmp_path: Path, line: str) -> None:
    data = read_table("network_shares", make_root(tmp_path, {"/etc/samba/smb.conf": f"[a]\npath = /a\n{line}\n"}))
    assert data.status == "partial"


def test_includes_of_samba_that_never_end_are_bounded(tmp_path: Path) -> None:
    text = "include = /etc/samba/smb.conf\n" * 9 + "[a]\npath = /a\n"
    assert read_table("network_shares", make_root(tmp_path, {"/etc/samba/smb.conf": text})).status == "partial"


def test_no_shares_is_absent(tmp_path: Path) -> None:
    assert read_table("network_shares", make_root(tmp_path, {})).status == "absent"
