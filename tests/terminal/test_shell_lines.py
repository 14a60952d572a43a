"""Which lines of a fix are commands of their own: a `$ ` in front of any other would spoil what is pasted."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secaudit.content import library
from secaudit.terminal.shell import Kind, commands

KINDS = {Kind.COMMENT: "#", Kind.COMMAND: "$", Kind.MORE: "+", Kind.EXACT: "="}


def kinds(text: str) -> str:
    return "".join(KINDS[line.kind] for command in commands(text) for line in command)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("one\ntwo", "$$"),
        ("# say\n\n  # more\none # not one\ntwo", "##$$"),
        ("one \\\n  two \\\n  three\nfour", "$++$"),
        ("one &&\ntwo |\nthree\nfour &\nfive", "$++$$"),
        ("for f in a b; do\n  rm $f\ndone\nend", "$++$"),
        ("for f in a b; do rm $f; done\nend", "$$"),
        ("if test -e x; then\n  a\nelse\n  b\nfi | tee y\nend", "$++++$"),
        ("while read line; do echo done; done < x\nend", "$$"),
        ("echo if for while\nend", "$$"),
        ("case $a in\n  b) c ;;\nesac\nend", "$++$"),
        ("f() {\n  a\n}\nf", "$++$"),
        ("( a\nb )\nend", "$+$"),
        ("x=$(a\nb)\nend", "$+$"),
        ("cat <<END\n  text\n# no comment\n\nEND\nnext", "$====$"),
        ("cat <<'A B' | tee x\n$one\nA B\nnext", "$==$"),
        ("cat <<-END\n\ttext\n\tEND\nnext", "$==$"),
        ("cat <<A <<B\na\nA\nb\nB\nnext", "$====$"),
        ("cat <<<word\nnext", "$$"),
        ("echo 'one\n  two' | tee x\nnext", "$=$"),
        ('echo "it\'s\n $(one)"\nnext', "$=$"),
        ("echo it\\'s\nnext", "$$"),
        ("printf 'cat <<EOF\\nx\\nEOF\\n' | sudo tee f\nnext", "$$"),
        ("a#b 'c'\n${d#e}\nnext", "$$$"),
        ("sed -i '/pam\\.so/s/ nullok\\(_secure\\)\\?\\b//' f\nnext", "$$"),
    ],
)
def test_lines_are_told_apart(text: str, wanted: str) -> None:
    assert kinds(text) == wanted


@given(st.text("ab '\"\\\n#$(){}<>|&;=-", max_size=60))
def test_no_line_is_lost_or_changed(text: str) -> None:
    shown = {line.number: line.text for command in commands(text) for line in command}
    for number, line in enumerate(text.split("\n")):
        assert shown.get(number, "") == line or not line.strip()


def test_each_command_of_our_content_is_whole_for_bash() -> None:
    found = []
    for entry in library.load().checks.values():
        for text in entry.value.fix.values():
            for command in commands(text):
                if command[0].kind is Kind.COMMAND:
                    found.append("\n".join(line.text for line in command))
    assert len(found) > 200
    # each inside a function of its own: a command that is not whole would swallow the end of its function
    script = "\n".join(f"f{number}() {{\n{text}\n}}" for number, text in enumerate(found))
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
