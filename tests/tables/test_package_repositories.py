"""yum_sources and pacman_repos: which signatures are demanded."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows

ROOTS = Path(__file__).parent.parent / "roots"


def test_repositories_of_dnf_are_read() -> None:
    found = {row["name"]: row for row in rows("yum_sources", ROOTS / "fedora")}
    assert {n: (r["enabled"], r["gpgcheck"], r["sslverify"], r["is_encrypted"]) for n, r in found.items()} == {
        "acme": (1, 0, 0, 0),
        "fedora": (1, 1, 1, 1),
        "fedora-source": (0, 1, 1, 1),
    }
    assert found["acme"]["line"] == 6
    assert "secret" not in str(found)
    assert "backup.acme.example" in str(found["acme"]["baseurl"])


def test_main_section_decides_where_a_repository_says_nothing(tmp_path: Path) -> None:
    files = {
        "/etc/yum.repos.d/a.repo": "[a]\nbaseurl=https://x/\n",
        "/usr/share/dnf5/libdnf.conf.d/20-fedora-defaults.conf": "[main]\ngpgcheck=1\n",
    }
    assert rows("yum_sources", make_root(tmp_path, files))[0]["gpgcheck"] == 1
    (tmp_path / "etc/dnf").mkdir()
    (tmp_path / "etc/dnf/dnf.conf").write_text("[main]\ngpgcheck = no\n")
    assert rows("yum_sources", tmp_path)[0]["gpgcheck"] == 0


def test_without_any_setting_dnf_does_not_check(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/yum.repos.d/a.repo": "[a]\nbaseurl=https://x/\n"})
    assert rows("yum_sources", root)[0]["gpgcheck"] == 0


def test_repositories_of_pacman_are_read() -> None:
    found = {
        r["name"]: (r["package_signature"], r["package_trust"], r["scheme"], r["is_own"])
        for r in rows("pacman_repos", ROOTS / "arch")
    }
    assert found == {
        "core": ("Required", "TrustedOnly", "https", 1),
        "extra": ("Required", "TrustedOnly", "https", 1),
        "custom": ("Optional", "TrustAll", "http", 0),
    }


LEVELS = (
    "",
    "SigLevel = Required DatabaseOptional",
    "SigLevel = Never",
    "SigLevel = PackageTrustAll Required",
    "SigLevel=Optional TrustAll",
    "SigLevel = Required\nSigLevel = DatabaseNever",
    "SigLevel = Required TrustedOnly PackageNever",
)


@pytest.mark.skipif(shutil.which("pacman-conf") is None, reason="pacman is not installed")
@pytest.mark.parametrize("own", LEVELS)
@pytest.mark.parametrize("level", LEVELS)
def test_levels_agree_with_pacman_conf(tmp_path: Path, level: str, own: str) -> None:
    text = (
        f"[options]\nArchitecture = x86_64\n{level}\n[plain]\nServer = https://a/\n[own]\n{own}\nServer = http://b/\n"
    )
    root = make_root(tmp_path, {"/etc/pacman.conf": text})

    def asked(*argv: str) -> set[str]:
        command = ["pacman-conf", "-c", str(root / "etc/pacman.conf"), *argv]
        out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        return {
            line.removeprefix("SigLevel = ") for line in out.splitlines() if line.startswith(("Package", "SigLevel"))
        }

    for row in rows("pacman_repos", root):
        theirs = {word for word in asked("-r", str(row["name"])) or asked("SigLevel") if word.startswith("Package")}
        ours = {f"Package{row['package_signature']}"}
        if row["package_signature"] != "Never":
            ours.add(f"Package{row['package_trust']}")
        assert ours == theirs, (row["name"], text)


def test_pacman_as_a_mere_tool_is_absent(tmp_path: Path) -> None:
    assert read_table("pacman_repos", make_root(tmp_path, {"/etc/pacman.conf": "[options]\n"})).status == "absent"


def test_missing_and_looping_includes_are_partial(tmp_path: Path) -> None:
    text = "[core]\nInclude = /etc/pacman.conf\nInclude = /etc/none\n"
    assert read_table("pacman_repos", make_root(tmp_path, {"/etc/pacman.conf": text})).status == "partial"


def test_without_either_both_are_absent(tmp_path: Path) -> None:
    root = make_root(tmp_path, {})
    assert read_table("yum_sources", root).status == "absent"
    assert read_table("pacman_repos", root).status == "absent"
