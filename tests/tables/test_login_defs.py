"""login_defs: every occurrence, the last one effective, numbers as strtol(3) reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows


def _root(tmp_path: Path, text: str, more: dict[str, str | bytes] | None = None) -> Path:
    return make_root(tmp_path, {"/etc/login.defs": text, **(more or {})})


def test_every_occurrence_is_kept_and_the_last_is_effective(tmp_path: Path) -> None:
    found = rows("login_defs", _root(tmp_path, 'UMASK 022\n#UMASK 000\n  UMASK\t "027" x\n'))
    assert [(r["value"], r["number"], r["is_effective"], r["line"]) for r in found if r["name"] == "UMASK"] == [
        ("022", 18, 0, 1),
        ("027", 23, 1, 3),
    ]


def test_defaults_are_given_for_what_is_not_set(tmp_path: Path) -> None:
    found = {r["name"]: r for r in rows("login_defs", _root(tmp_path, "PASS_MAX_DAYS 365\nEMPTY\n"))}
    assert (found["PASS_MAX_DAYS"]["is_default"], found["PASS_MAX_DAYS"]["number"]) == (0, 365)
    assert (found["UMASK"]["is_default"], found["UMASK"]["value"], found["UMASK"]["path"]) == (1, "022", None)
    assert "EMPTY" not in found


@pytest.mark.parametrize(
    ("text", "number"),
    [("022", 18), ("22", 22), ("0x1f", 31), ("-1", -1), ("0", 0), ("yes", None), ("09", None), ("7 x", None)],
)
def test_numbers_are_read_as_strtol_reads_them(tmp_path: Path, text: str, number: int | None) -> None:
    assert rows("login_defs", _root(tmp_path, f"X {text}\n"))[0]["number"] == number


def test_vendor_file_is_used_only_without_one_in_etc_and_drop_ins_come_last(tmp_path: Path) -> None:
    vendor: dict[str, str | bytes] = {"/usr/etc/login.defs": "UMASK 022\nUID_MIN 500\n"}
    found = {r["name"]: r["path"] for r in rows("login_defs", make_root(tmp_path / "a", vendor))}
    assert found["UMASK"] == "/usr/etc/login.defs"
    root = _root(tmp_path / "b", "UMASK 077\n", {**vendor, "/etc/login.defs.d/x.defs": "UMASK 027\n"})
    effective = {r["name"]: r for r in rows("login_defs", root) if r["is_effective"]}
    assert (effective["UMASK"]["value"], effective["UID_MIN"]["is_default"]) == ("027", 1)
    debian = _root(tmp_path / "c", "UMASK 077\n", {"/etc/login.defs.d/x.defs": "UMASK 027\n"})
    assert {r["value"] for r in rows("login_defs", debian) if r["name"] == "UMASK"} == {"077"}


def test_without_the_file_the_table_is_absent(tmp_path: Path) -> None:
    assert read_table("login_defs", make_root(tmp_path, {})).status == "absent"


def test_any_bytes_are_read(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/login.defs": bytes(range(256)) * 99})
    assert read_table("login_defs", root).status in ("ok", "partial")
