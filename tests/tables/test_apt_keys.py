"""apt_keys: which key files exist and how far they are trusted."""

from __future__ import annotations

from pathlib import Path

from tabletest import make_root, read_table, rows


def test_places_decide_about_trust(tmp_path: Path) -> None:
    files = {
        "/etc/apt/trusted.gpg": "k",
        "/etc/apt/trusted.gpg~": "k",
        "/etc/apt/trusted.gpg.d/debian-archive-bookworm-stable.asc": "k",
        "/etc/apt/trusted.gpg.d/acme.gpg": "k",
        "/etc/apt/trusted.gpg.d/README": "k",
        "/etc/apt/keyrings/docker.asc": "k",
        "/usr/share/keyrings/debian-archive-keyring.gpg": "",
    }
    root = make_root(tmp_path, files, modes={"/etc/apt/keyrings/docker.asc": 0o666})
    found = {r["name"]: (r["is_global"], r["is_legacy"], r["is_vendor"], r["size"]) for r in rows("apt_keys", root)}
    assert found == {
        "trusted.gpg": (1, 1, 0, 1),
        "debian-archive-bookworm-stable.asc": (1, 0, 1, 1),
        "acme.gpg": (1, 0, 0, 1),
        "docker.asc": (0, 0, 0, 1),
        "debian-archive-keyring.gpg": (0, 0, 1, 0),
    }
    assert [r["mode_octal"] for r in rows("apt_keys", root) if r["name"] == "docker.asc"] == ["0666"]


def test_without_apt_is_absent(tmp_path: Path) -> None:
    assert read_table("apt_keys", make_root(tmp_path, {})).status == "absent"


def test_dangling_link_is_no_key(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/apt/keyrings/a.asc": "k"})
    (root / "etc/apt/keyrings/b.asc").symlink_to("/nowhere")
    assert [row["name"] for row in rows("apt_keys", root)] == ["a.asc"]
