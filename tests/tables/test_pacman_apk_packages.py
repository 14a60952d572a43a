"""pacman_packages, apk_packages and packages in the small roots of Arch and Alpine."""

from __future__ import annotations

from pathlib import Path

from tabletest import make_root, read_table, rows

ROOTS = Path(__file__).parent.parent / "roots"


def test_pacman_packages_are_read() -> None:
    bash, openssl = rows("pacman_packages", ROOTS / "arch")
    assert (bash["name"], bash["version"], bash["size"], bash["is_explicit"]) == ("bash", "5.3.3-2", 9876543, 0)
    assert (openssl["version"], openssl["source"], openssl["validation"]) == ("1:3.6.0-1", "openssl", "sha256 pgp")
    assert [(r["name"], r["manager"]) for r in rows("packages", ROOTS / "arch")] == [
        ("bash", "pacman"),
        ("openssl", "pacman"),
    ]


def test_apk_packages_are_read() -> None:
    found = [(r["name"], r["version"], r["source"], r["size"]) for r in rows("apk_packages", ROOTS / "alpine")]
    assert found == [("busybox", "1.37.0-r30", "busybox", 962560), ("ssl_client", "1.37.0-r30", "busybox", 28672)]
    assert [r["manager"] for r in rows("packages", ROOTS / "alpine")] == ["apk", "apk"]


def test_pacman_package_without_description_is_partial(tmp_path: Path) -> None:
    local = "/var/lib/pacman/local/"
    files = {local + "a-1/desc": "%NAME%\na\n\n%VERSION%\n1\n", local + "b-1/files": "", local + "c-1/desc": "%NAME%\n"}
    data = read_table("pacman_packages", make_root(tmp_path, files))
    assert (data.status, len(data.rows)) == ("partial", 1)
    assert read_table("packages", tmp_path).status == "partial"


def test_values_that_look_like_fields_stay_values(tmp_path: Path) -> None:
    text = "%NAME%\na\n\n%DESC%\n%VERSION%\n9\n\n%VERSION%\n1\n"
    root = make_root(tmp_path, {"/var/lib/pacman/local/a-1/desc": text})
    assert rows("pacman_packages", root)[0]["version"] == "1"


def test_file_names_of_apk_are_not_fields(tmp_path: Path) -> None:
    text = "P:a\nV:1\nF:x\nR:V:9\nV:2\n\n\nP:b\n\n"
    root = make_root(tmp_path, {"/lib/apk/db/installed": text})
    assert [(row["name"], row["version"]) for row in rows("apk_packages", root)] == [("a", "1")]


def test_without_a_database_both_are_absent(tmp_path: Path) -> None:
    root = make_root(tmp_path, {})
    assert read_table("pacman_packages", root).status == "absent"
    assert read_table("apk_packages", root).status == "absent"


def test_hostile_databases_cost_linear_time(tmp_path: Path) -> None:
    files = {
        "/lib/apk/db/installed": "P:a\n" * 300_000 + "\n" * 300_000,
        "/var/lib/pacman/local/x/desc": "%A%\n" * 300_000,
    }
    root = make_root(tmp_path, files)
    assert read_table("apk_packages", root).status == "ok"
    assert read_table("pacman_packages", root).status == "partial"
