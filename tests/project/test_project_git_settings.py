"""project_git_settings: what git itself reads, with the line; logins are cut, and what git would run is named."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projecttest import GIT_ENVIRONMENT, make_project, project_rows, read_project, run_git
from secaudit.tables.project import _gitconfig
from tabletest import rows_of

ODD = r"""
# a comment
[core]
	bare = false ; the rest is a comment
	FileMode
[remote "Origin.x"] url = https://git.example.org/a.git # here too
	fetch = "+refs/heads/*:refs/remotes/origin/*"
	note = " kept  blanks "  and more  ; not this
	long = one \
two
[Old.Style]
  key-1=a\tb\\c\"d
[empty]
[url "https://x/\"quoted\\"]
	insteadOf = x:
"""


def by_git(text: str, folder: Path) -> list[tuple[str, str | None]] | None:
    """What `git config --list` says; None when it refuses the file."""
    (folder / "odd").write_text(text, encoding="utf-8", newline="")
    done = subprocess.run(
        ["git", "config", "--file", "odd", "--no-includes", "--list", "-z"],
        cwd=folder, env=GIT_ENVIRONMENT, capture_output=True, check=False, timeout=60,
    )  # fmt: skip
    if done.returncode:
        return None
    rows = done.stdout.decode("utf-8", "backslashreplace").split("\0")[:-1]
    return [(row.partition("\n")[0], row.partition("\n")[2] if "\n" in row else None) for row in rows]


def by_us(text: str) -> list[tuple[str, str | None]] | None:
    try:
        found = list(_gitconfig.settings(text.encode()))
    except _gitconfig.BadConfig:
        return None
    return [
        (".".join(part for part in (item.section, item.subsection, item.key) if part), item.value) for item in found
    ]


def test_settings_are_those_of_git(tmp_path: Path) -> None:
    theirs = by_git(ODD, tmp_path)
    assert theirs is not None
    assert by_us(ODD) == theirs
    lines = {item.key: item.line for item in _gitconfig.settings(ODD.encode())}
    assert {ODD.split("\n")[lines[key] - 1].split("=")[0].split()[-1] for key in ("fetch", "long", "bare")} == {
        "fetch", "long", "bare",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["[core", "[core]\nbare = \"x", "[a b]\n", "[core]\n1x = 2\n", "[core]\nx = \\q\n",
                                  "[core]\nbare bare\n", "[]\n", "[a \"b]\n"])  # fmt: skip
def test_what_git_refuses_is_refused(tmp_path: Path, text: str) -> None:
    assert by_git(text, tmp_path) is None
    assert by_us(text) is None


PIECES = st.sampled_from(['[a]', '[a "b"]', '[A.b]', "\n", "k", "key-1", " = ", "=", "v", "\"", "\\", "\\n", "#", ";", " ",
                          "\t", "\r\n", "x y", "é"])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(PIECES, max_size=14).map("".join))
def test_any_mixture_is_read_as_git_reads_it(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    theirs = by_git(text, tmp_path_factory.mktemp("c"))
    assert plain(by_us(text)) == plain(theirs)


def plain(found: list[tuple[str, str | None]] | None) -> list[tuple[str, str | None]] | None:
    """A tab within a value is a blank for git up to 2.44, and a tab for later ones; git-config(1)."""
    return None if found is None else [(name, value and value.replace("\t", " ")) for name, value in found]


def by_name(project: Path) -> dict[str, dict[str, str | int | None]]:
    return {str(row["name"]): row for row in project_rows("project_git_settings", project)}


def test_addresses_lose_their_login_and_say_how_they_travel(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a": "1"})
    for name, address in {
        "a": "https://me:hunter2@git.example.org:8443/x/y.git?token=hunter2",
        "b": "http://git.example.org/x.git",
        "c": "git@github.com:me/x.git",
        "d": "git://git.example.org/x",
        "e": "../other",
        "f": "http://localhost:3000/x",
        "g": "ext::sh -c 'touch /tmp/x' hunter2",
        "h": "file:///srv/x",
        "i": "ssh://me:hunter2@git.example.org/x",
    }.items():
        run_git(project, "config", f"remote.{name}.url", address)
    run_git(project, "config", "url.https://me:hunter2@git.example.org/.insteadOf", "gh:")
    run_git(project, "config", "http.extraheader", "Authorization: Bearer hunter2")
    found = by_name(project)
    assert {name[7:8]: (row["scheme"], row["host"], row["is_local"]) for name, row in found.items()
            if name.startswith("remote")} == {
        "a": ("https", "git.example.org", 0), "b": ("http", "git.example.org", 0), "c": ("ssh", "github.com", 0),
        "d": ("git", "git.example.org", 0), "e": ("file", "", 1), "f": ("http", "localhost", 1), "g": ("ext", "", 0),
        "h": ("file", "", 1), "i": ("ssh", "git.example.org", 0),
    }  # fmt: skip
    assert found["remote.a.url"]["value"] == "https://git.example.org:8443/x/y.git"
    assert found["url.https://git.example.org/.insteadof"]["scheme"] == "https"
    assert "hunter2" not in repr(found)


def test_programs_that_git_would_start_are_named_with_their_place(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a": "1"})
    wanted = {
        "core.fsmonitor": ("./tools/watch.sh", "inside"),
        "core.editor": ("vim", "named"),
        "core.sshCommand": ("/usr/bin/ssh -v", "absolute"),
        "filter.lfs.clean": ("git-lfs clean -- %f", "named"),
        "filter.x.smudge": ("sh -c 'cat'", "shell"),
        "diff.x.textconv": ("tools/conv", "inside"),
        "credential.helper": ("!f() { cat; }; f", "shell"),
        "credential.https://a.example.helper": ("!/usr/bin/gh auth git-credential", "absolute"),
        "credential.https://b.example.helper": ("!aws codecommit credential-helper $@", "named"),
        "credential.https://c.example.helper": ("cache --timeout=60", "named"),
        "filter.git-crypt.clean": ('"/usr/local/bin/git-crypt" clean', "absolute"),
        "filter.y.clean": ("python3 clean.py", "shell"),
        "gpg.program": ("gpg2", "named"),
        "merge.x.driver": ("true; curl x", "shell"),
    }
    for name, (value, _) in wanted.items():
        run_git(project, "config", name, value)
    run_git(project, "config", "core.untrackedCache", "true")
    found = by_name(project)
    assert {name: found[name.lower()]["program_place"] for name in wanted} == {
        name: place for name, (_, place) in wanted.items()
    }
    assert {found[name.lower()]["meaning"] for name in wanted} == {"program"}
    assert found["core.untrackedcache"]["meaning"] == "other"
    run_git(project, "config", "core.fsmonitor", "true")  # git's own, no program of the project
    assert by_name(project)["core.fsmonitor"]["meaning"] == "other"


def test_submodules_are_read_without_asking_git(tmp_path: Path) -> None:
    project = make_project(
        tmp_path / "p",
        {".gitmodules": '[submodule "lib"]\n\tpath = lib\n\turl = git://x.example/lib\n\tbranch = main\n'},
    )
    found = by_name(project)
    assert (found["submodule.lib.url"]["scheme"], found["submodule.lib.url"]["line"]) == ("git", 3)
    assert (found["submodule.lib.branch"]["meaning"], found["submodule.lib.branch"]["value"]) == ("branch", "main")


@pytest.mark.parametrize("kind", ["fifo", "link", "huge", "bytes", "broken"])
def test_odd_files_give_a_status(tmp_path: Path, kind: str) -> None:
    project = make_project(tmp_path / "p", {"a": "1"})
    place = project / ".gitmodules"
    if kind == "fifo":
        os.mkfifo(place)
    elif kind == "link":
        place.symlink_to("/etc/passwd")
    elif kind == "huge":
        with place.open("wb") as stream:
            stream.truncate(1 << 32)
    elif kind == "bytes":
        place.write_bytes(b'[submodule "\xff\x1b[2J"]\n\turl = https://x.example/\xfe\n')
    else:
        place.write_text("[submodule")
    data = read_project("project_git_settings", project)
    assert data.status == ("ok" if kind in ("bytes", "link") else "partial")
    assert any(row["path"] == ".git/config" for row in rows_of(data))
    if kind == "link":  # no link ever leads outside
        assert not any(row["path"] == ".gitmodules" for row in rows_of(data))


def test_no_repository_is_absent_and_one_that_lies_elsewhere_is_partial(tmp_path: Path) -> None:
    assert read_project("project_git_settings", make_project(tmp_path / "n", {"a": "1"}, git=False)).status == "absent"
    linked = make_project(tmp_path / "w", {"a": "1", ".git": "gitdir: /nowhere\n"}, git=False)
    assert read_project("project_git_settings", linked).status == "partial"
