"""git_settings and git_remotes: what git itself reads from the same files."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from secaudit.tables.host._gitconfig import BadConfig, parse, truth
from tabletest import make_root, read_table, rows, rows_of

HOME = "/home/ayesha"
CANARY = "Zq7canaryZq7"
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")

SAMPLE = """\
\ufeff[user]
\tname = "A ; B"   # hi
\temail=x@y.z
[commit] gpgsign
[http]
  sslVerify = 0
[http "https://x.y/Z"] sslverify = "no"
[alias]
\tl = log \\
 --oneline \\"a\\tb\\"
  x = a  b   c\t
  e =
[Core.SUB] hooksPath = ~/h ; comment
[a "q\\"u\\\\o"]
  k = v
[include] path = inc
[include] path = ~/other/inc
[includeIf "gitdir:~/work/"] path = work
[credential] helper = store
"""


def git_list(home: Path) -> list[tuple[str, str]]:
    """What `git config --list` says for this home folder."""
    env = {
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "PATH": os.environ["PATH"],
        "XDG_CONFIG_HOME": f"{home}/.config",
    }
    done = subprocess.run(
        ["git", "config", "--list", "--includes", "-z"], env=env, cwd="/", capture_output=True, check=True
    )
    found = []
    for item in done.stdout.decode().split("\0")[:-1]:
        key, newline, value = item.partition("\n")
        found.append((key, value if newline else "true"))
    return found


@needs_git
def test_values_are_those_that_git_reads(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            f"{HOME}/.gitconfig": SAMPLE,
            f"{HOME}/inc": "[user]\n name = Other\n",
            f"{HOME}/other/inc": "[user]\n\tname = Third\r\n[include]\n path = ../inc\n",
            f"{HOME}/work": "[user] email = w@w\n",
            f"{HOME}/.config/git/config": "[init]\n defaultBranch = main\n",
        },
    )
    # `path = ~/other/inc` leads out of the root for the real git, so its HOME is the folder in the root
    ours = [(row["key"], row["value"]) for row in rows("git_settings", root) if not row["condition"]]
    assert ours == git_list(root / HOME.lstrip("/"))


KEYS = st.sampled_from(["a", "B-c", "x1"])
VALUES = st.text(alphabet='ab "\\#;\t=nt\n', max_size=12)


@needs_git
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(KEYS, VALUES), max_size=3))
def test_any_text_is_read_or_refused_as_git_does(tmp_path: Path, pairs: list[tuple[str, str]]) -> None:
    text = "[s]\n" + "".join(f"\t{key} ={value}\n" for key, value in pairs)
    (tmp_path / ".gitconfig").write_text(text)
    try:
        ours = [(key, value) for key, value, _ in parse(text)]
    except BadConfig:
        with pytest.raises(subprocess.CalledProcessError):
            git_list(tmp_path)
        return
    theirs = git_list(tmp_path)
    assert [(key, value.replace("\t", " ")) for key, value in ours] == [
        (key, value.replace("\t", " ")) for key, value in theirs
    ]


@needs_git
@pytest.mark.parametrize(
    "word", ["true", "Yes", "ON", "1", "0", "no", "off", "false", "2", "-1", "1k", "maybe", "", "0k"]
)
def test_booleans_are_those_of_git(tmp_path: Path, word: str) -> None:
    (tmp_path / ".gitconfig").write_text(f"[a]\n b = {word}\n")
    done = subprocess.run(
        ["git", "config", "--file", str(tmp_path / ".gitconfig"), "--type=bool", "a.b"], capture_output=True, text=True
    )
    assert truth(word) == (done.stdout.strip() if done.returncode == 0 else "")


def test_the_last_value_is_effective(tmp_path: Path) -> None:
    root = make_root(tmp_path, {f"{HOME}/.gitconfig": "[http] sslVerify = false\n[http] sslVerify = true\n"})
    assert [(row["truth"], row["effective"]) for row in rows("git_settings", root)] == [("false", 0), ("true", 1)]


def test_an_empty_helper_clears_the_list(tmp_path: Path) -> None:
    text = "[credential] helper = store\n[credential] helper =\n[credential] helper = libsecret\n"
    root = make_root(tmp_path, {f"{HOME}/.gitconfig": text})
    assert [row["effective"] for row in rows("git_settings", root)] == [0, 1, 1]


def test_settings_under_a_condition_say_so(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {f"{HOME}/.gitconfig": '[includeIf "gitdir:~/w/"]\n path = w\n', f"{HOME}/w": "[commit] gpgsign = true\n"},
    )
    row = rows("git_settings", root)[-1]
    assert (row["condition"], row["effective"], row["path"]) == ("gitdir:~/w/", 1, f"{HOME}/w")


def test_secrets_are_told_and_not_shown(tmp_path: Path) -> None:
    text = (
        f'[url "https://bob:{CANARY}@github.com/"]\n insteadOf = gh:\n'
        f"[http]\n extraHeader = Authorization: Basic {CANARY}\n"
        f"[sendemail]\n smtpPass = {CANARY}\n[alias]\n x = !curl -u a:{CANARY} h\n[user]\n name = A\n"
    )
    root = make_root(tmp_path, {f"{HOME}/.gitconfig": text})
    found = rows("git_settings", root)
    assert [row["has_secret"] for row in found] == [1, 1, 1, 1, 0]
    assert CANARY not in repr(found)


@pytest.mark.parametrize("text", ["[include]\n path = .gitconfig\n", "[include]\n path = inc\n"])
def test_a_loop_of_includes_ends(tmp_path: Path, text: str) -> None:
    root = make_root(tmp_path, {f"{HOME}/.gitconfig": text, f"{HOME}/inc": "[include]\n path = .gitconfig\n" * 3})
    started = time.monotonic()
    assert read_table("git_settings", root).status == "partial"
    assert time.monotonic() - started < 5


def test_a_file_that_git_refuses_is_named(tmp_path: Path) -> None:
    root = make_root(tmp_path, {f"{HOME}/.gitconfig": "[user]\n name = A\n<<<<<<< HEAD\n"})
    data = read_table("git_settings", root)
    assert data.status == "partial"
    assert "line 3" in str(data.reason)
    assert len(data.rows) == 1


def test_no_git_and_no_configuration_is_absent(tmp_path: Path) -> None:
    root = make_root(tmp_path, {f"{HOME}/x": ""})
    assert read_table("git_settings", root).status == "absent"
    assert read_table("git_remotes", root).status == "absent"


@needs_git
def test_remotes_of_real_repositories_are_found_with_their_logins_hidden(tmp_path: Path) -> None:
    root = make_root(tmp_path, {f"{HOME}/notes.txt": ""})
    for name, url in (("a", f"https://me:{CANARY}@github.com/a.git"), ("work/b", "git@github.com:a/b.git")):
        place = root / HOME.lstrip("/") / name
        place.mkdir(parents=True)
        subprocess.run(["git", "init", "-q", str(place)], check=True)
        subprocess.run(["git", "-C", str(place), "remote", "add", "origin", url], check=True)
    found = {(row["repository"], row["scheme"], row["has_secret"]) for row in rows("git_remotes", root)}
    assert found == {(f"{HOME}/a", "https", 1), (f"{HOME}/work/b", "ssh", 0)}
    assert CANARY not in repr(rows_of(read_table("git_remotes", root)))


def test_a_repository_five_folders_deep_is_out_of_reach(tmp_path: Path) -> None:
    config = '[remote "o"]\n url = /x\n'
    root = make_root(
        tmp_path,
        {f"{HOME}/1/2/3/4/.git/config": config, f"{HOME}/1/2/3/4/5/.git/config": config, f"{HOME}/.gitconfig": ""},
    )
    assert [row["repository"] for row in rows("git_remotes", root)] == [f"{HOME}/1/2/3/4"]
