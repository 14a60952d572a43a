"""project_documents: what is there, what is missing, and whom a security document names."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from projecttest import make_project, project_rows, read_project


def by_kind(project: Path) -> dict[str, dict[str, str | int | None]]:
    return {str(row["kind"]): row for row in project_rows("project_documents", project)}


def test_every_kind_has_a_row(tmp_path: Path) -> None:
    found = by_kind(make_project(tmp_path / "p", {"a.py": "1"}))
    assert {row["is_there"] for row in found.values()} == {0}
    assert len(found) == 10


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("README.md", "readme"), ("readme", "readme"), ("docs/README.rst", "readme"), ("LICENSE", "licence"),
        ("LICENSE-MIT", "licence"), ("COPYING", "licence"), (".github/SECURITY.md", "security"),
        ("security.rst", "security"), ("public/.well-known/security.txt", "security-txt"),
        (".github/CODEOWNERS", "code-owners"), (".github/dependabot.yml", "update-bot"), ("renovate.json", "update-bot"),
        (".pre-commit-config.yaml", "pre-commit"), (".gitattributes", "attributes"), ("CHANGELOG.md", "changelog"),
        (".github/CONTRIBUTING.md", "contributing"), ("src/README.md", ""), ("src/security.py", ""),
        ("security.py", ""), ("licenses/LICENSE", ""), ("node_modules/x/.well-known/security.txt", ""),
    ],
)  # fmt: skip
def test_places_are_those_of_the_hosts(tmp_path: Path, path: str, kind: str) -> None:
    there = {
        name: row["path"]
        for name, row in by_kind(make_project(tmp_path / "p", {path: "x\n"})).items()
        if row["is_there"]
    }
    assert there == ({kind: path} if kind else {})


@pytest.mark.parametrize(
    ("text", "contact", "line"),
    [
        ("# Security\n\nWrite to security@example.org.\n", 1, 3),
        ("See https://example.org/report\n", 1, 1),
        ("security at example dot org\n", 1, 1),
        ("Use GitHub's private vulnerability reporting.\n", 1, 1),
        ("# Security\n\nWe care about security. @everyone\n", 0, None),
        ("## Reporting a Vulnerability\n\nUse this section to tell people how to report a vulnerability.\n", 0, None),
        ("mail me @ home. now\n", 0, None),
        ("", 0, None),
    ],
)
def test_a_contact_is_an_address(tmp_path: Path, text: str, contact: int, line: int | None) -> None:
    row = by_kind(make_project(tmp_path / "p", {"SECURITY.md": text}))["security"]
    assert (row["has_contact"], row["contact_line"]) == (contact, line)


@pytest.mark.parametrize(
    ("text", "contact", "expires"),
    [
        ("Contact: mailto:a@b.example\nExpires: 2027-01-01T00:00:00Z\n", 1, 1798761600),
        ("contact: https://x.example\nexpires: 2027-01-01T02:00:00.5+02:00\n", 1, 1798761600),
        ("Contact: https://x.example\nExpires: next year\n", 1, None),
        ("Contact: https://x.example\nExpires: 2027-01-01T00:00:00Z\nExpires: 2028-01-01T00:00:00Z\n", 1, None),
        ("Contact:\nExpires: 2027-13-01T00:00:00Z\n# Contact: mailto:a@b.example\n", 0, None),
        ("Policy: https://x.example/policy\n", 0, None),
    ],
)
def test_security_txt_follows_rfc_9116(tmp_path: Path, text: str, contact: int, expires: int | None) -> None:
    row = by_kind(make_project(tmp_path / "p", {".well-known/security.txt": text}))["security-txt"]
    assert (row["has_contact"], row["expires_s"]) == (contact, expires)


def test_comments_of_an_owners_file_say_nothing(tmp_path: Path) -> None:
    found = by_kind(make_project(tmp_path / "p", {"CODEOWNERS": "# nobody\n\n  # yet\n"}))
    assert (found["code-owners"]["is_there"], found["code-owners"]["lines"]) == (1, 0)


def test_what_cannot_be_read_is_not_empty(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "1"}, git=False)
    os.mkfifo(project / "SECURITY.md")
    with (project / "README.md").open("wb") as stream:
        stream.truncate(1 << 32)
    (project / "CODEOWNERS").symlink_to("/etc/passwd")
    found = by_kind(project)
    for kind in ("security", "readme", "code-owners"):
        assert (found[kind]["is_there"], found[kind]["lines"], found[kind]["has_contact"]) == (1, None, None), kind


def test_a_line_of_many_signs_costs_little(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"SECURITY.md": "a@" * 200_000 + "\n" + "@" * 100_000})
    assert read_project("project_documents", project).status == "ok"
