"""The output contract on a real terminal: inert whatever the data is, in every encoding, coloured as asked."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from ptyrun import OURS, Seen, on_terminal
from runprogram import secaudit
from tabletest import make_root

EVIL = "\x1b[2J\x1b]0;owned\x07\x9b31m[/red]<script>\u202egnp.exe\u2066"
NAME = EVIL.replace("/", "")
LONG = "/srv/" + "/".join(["long-folder-name"] * 30) + "/end"
assert len(LONG) > 500

CHECK = """\
id: evil-accounts
title: No account has a shell
fail_title: An account has a shell
severity: high
objective: accounts-unique
sql: |
  SELECT username AS resource, description AS actual, shell AS expected, directory AS path, line, 0 AS pass FROM users
why: Because.
verify: getent passwd
fix:
  any: |
    # Look at them first.
    sudo tee /tmp/list <<'END'
    none
    END
careful: Take care.
examples:
  healthy: {users: []}
  failing: {users: [{username: a}]}
on_empty: pass
"""


@pytest.fixture(scope="module")
def evil(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A root with hostile names and values, and a check that shows them."""
    folder = tmp_path_factory.mktemp("evil")
    base = os.fsdecode(os.fsencode(str(folder)) + b"/ro\xe9t" + NAME.encode())
    os.mkdir(base)
    line = f"{EVIL}:x:1000:1000:{EVIL}:{LONG}:/bin/{EVIL}\n".encode()
    passwd = b"root:x:0:0:root:/root:/bin/bash\n" + line + b"caf\xe9:x:1001:1001:\xff\xfe\x80:/home/caf\xe9:/bin/sh\n"
    make_root(Path(base), {"/etc/passwd": passwd, "/etc/os-release": f'ID=debian\nPRETTY_NAME="Debian {EVIL}"\n'})
    home = os.fsencode(base) + b"/home/caf\xe9"
    os.makedirs(home + b"/.ssh")
    for name in (b".netrc", b".ssh/id_\xff\x1b[2J", b".bash_history", b"\x1b[31m\xe9\n"):
        with open(home + b"/" + name, "wb") as stream:
            stream.write(b"-----BEGIN RSA PRIVATE KEY-----\n\x1b[2J\xff password=abc\n")
        os.chmod(home + b"/" + name, 0o666)
    content = folder / "content" / "checks" / "host" / "accounts"
    content.mkdir(parents=True)
    (content / "evil-accounts.yaml").write_text(CHECK)
    return {"root": base, "content": str(folder / "content"), "state": str(folder / "state")}


def run(evil: dict[str, str], *arguments: str, **more: object) -> Seen:
    return on_terminal(arguments, state=Path(evil["state"]), **more)  # type: ignore[arg-type]


def assert_inert(seen: Seen) -> None:
    """Only our own sequences reached the terminal, and nothing turned the reading direction."""
    rest = OURS.sub(b"", seen.terminal).replace(b"\r\n", b"\n")
    assert not re.search(rb"[\x00-\x08\x0b-\x1f\x7f]", rest), rest
    text = rest.decode("utf-8")  # and it is UTF-8
    assert not re.search("[\x80-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    assert "Traceback" not in text
    assert "a bug in secaudit" not in text


def audit_of(evil: dict[str, str]) -> list[str]:
    return ["audit", "--root", evil["root"], "--content", evil["content"], "--only", "evil-*", "--fail-on", "never"]


@pytest.mark.parametrize("fmt", ["text", "plain", "json", "md"])
def test_hostile_data_is_inert_in_every_format_of_audit(fmt: str, evil: dict[str, str]) -> None:
    seen = run(evil, *audit_of(evil), "--all", "--format", fmt, "--color", "always")
    assert seen.code == 0, seen.text
    assert_inert(seen)
    assert "evil-accounts" in seen.text
    assert LONG in seen.text or fmt == "md", "a path stays whole"  # Markdown shows the first row only
    if fmt == "json":
        assert json.loads(seen.text)["target"]["name"].endswith(NAME)
    else:
        assert "<script>" in seen.text
        assert r"\x1b[2J" in seen.text


@pytest.mark.parametrize("fmt", ["text", "json"])
def test_all_our_checks_on_a_hostile_root_are_inert(fmt: str, evil: dict[str, str], tmp_path: Path) -> None:
    words = ["audit", "--root", evil["root"], "--fail-on", "never", "--all", "--format", fmt]
    seen = on_terminal(words, state=tmp_path)
    assert seen.code == 0, seen.text
    assert_inert(seen)
    assert r"caf\xe9/.ssh/id_\xff\x1b" in seen.text.replace("\\\\", "\\").replace(r"\u001b", r"\x1b"), (
        "what was found is named"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["report", "--all"],
        ["report", "--format", "json"],
        ["report", "--format", "md"],
        ["report", "--format", "html"],
        ["history"],
        ["history", "--format", "plain"],
        ["history", "--format", "json"],
        ["explain", "evil-accounts", "--content", "CONTENT"],
        ["explain", "evil-accounts", "--content", "CONTENT", "--format", "json"],
        ["query", "--root", "ROOT", "SELECT * FROM users"],
        ["query", "--root", "ROOT", "--format", "plain", "SELECT * FROM users"],
        ["query", "--root", "ROOT", "--format", "json", "SELECT * FROM users"],
        ["checks", "list", "evil-*", "--content", "CONTENT"],
        [],
    ],
    ids=" ".join,
)
def test_hostile_data_is_inert_in_every_command(arguments: list[str], evil: dict[str, str]) -> None:
    if not (Path(evil["state"]) / "runs").is_dir():
        run(evil, *audit_of(evil))
    words = [evil["content"] if word == "CONTENT" else evil["root"] if word == "ROOT" else word for word in arguments]
    seen = run(evil, *words, env={"FORCE_COLOR": "1"})
    assert seen.code == 0, seen.text
    assert_inert(seen)


@pytest.mark.parametrize(
    "arguments",
    [
        ["explain", EVIL],
        ["audit", "--root", "/no/" + EVIL],
        ["audit", "--only", EVIL],
        ["audit", "--profile", EVIL],
        ["audit", "-o", EVIL],
        ["audit", "--" + EVIL],
        ["report", EVIL],
        ["query", f"SELECT '{EVIL}' FROM nothing"],
        [EVIL],
    ],
    ids=["explain", "root", "only", "profile", "output", "option", "report", "query", "command"],
)
def test_hostile_arguments_are_inert_in_errors(arguments: list[str], evil: dict[str, str]) -> None:
    seen = run(evil, *arguments)
    assert seen.code in (2, 3)
    assert_inert(seen)
    assert seen.text.startswith("error: ")


@pytest.mark.parametrize("fmt", ["text", "plain", "json", "md"])
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_no_encoding_makes_it_crash(encoding: str, fmt: str, evil: dict[str, str], tmp_path: Path) -> None:
    env = {"LC_ALL": "C", "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    seen = run(evil, *audit_of(evil), "--all", "--no-save", "--format", fmt, env=env)
    assert seen.code == 0, seen.terminal
    assert b"Traceback" not in seen.terminal
    if encoding == "ascii":
        assert seen.terminal.isascii()
    piped = run(evil, *audit_of(evil), "--all", "--no-save", "--format", fmt, env=env, piped="stdout")
    assert piped.code == 0, piped.terminal
    if fmt == "json":
        assert json.loads(piped.piped.decode("utf-8"))["counts"]["fail"] == 1


@pytest.mark.parametrize(
    ("options", "env", "colored"),
    [
        ([], {}, True),
        ([], {"NO_COLOR": "1"}, False),
        ([], {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ([], {"TERM": "dumb"}, False),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
    ],
)
def test_colour_on_a_terminal(
    options: list[str], env: dict[str, str], colored: bool, evil: dict[str, str], tmp_path: Path
) -> None:
    seen = run(evil, *audit_of(evil), "--no-save", *options, env=env)
    assert (b"\x1b[1m" in seen.terminal) is colored


def test_a_pipe_gets_no_colour_and_force_color_gives_it(evil: dict[str, str], tmp_path: Path) -> None:
    words = ["checks", "list", "evil-*", "--content", evil["content"]]
    assert "\x1b" not in secaudit(*words, state=tmp_path).stdout
    assert "\x1b[1m" in secaudit(*words, state=tmp_path, env={"FORCE_COLOR": "1"}).stdout


def test_json_has_the_same_bytes_in_a_pipe_and_in_a_file(evil: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    words = [*audit_of(evil), "--no-save", "--replay"]
    run(evil, *audit_of(evil), "--no-save", "-o", str(tmp_path / "s.jsonl"))
    words = ["audit", "--replay", str(tmp_path / "s.jsonl"), *audit_of(evil)[3:], "--no-save"]
    run(evil, *words, "-o", str(file))
    piped = run(evil, *words, "--format", "json", piped="stdout")
    assert piped.piped == file.read_bytes()


def test_without_arguments_the_help_is_short(evil: dict[str, str], tmp_path: Path) -> None:
    seen = on_terminal([], state=tmp_path)
    assert seen.code == 0
    assert seen.text.count("secaudit audit") == 2
    assert "secaudit explain" in seen.text
    assert len(seen.text.splitlines()) <= 12
