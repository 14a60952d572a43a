"""The fixes that ship: each is clear about the files it changes, or is left to a person."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from fixruns import write_checks
from secaudit.content import library
from secaudit.errors import ContentError
from secaudit.fixing.byhand import why_by_hand
from secaudit.fixing.shellread import commands
from secaudit.fixing.touches import touched_by
from secaudit.model import Check

LOADED = library.load()
FIXES = [
    (name, family)
    for name in sorted(LOADED.checks)
    for family in LOADED.checks[name].value.fix
    if family in ("any", "debian")
]
EXAMPLES = re.compile(
    r"\b(ayesha|bilal|omar|project|guest(?![=.])|app\.service|example\.(net|org|com)|OldRouter|Cafe)\b|"
    r"\b(USER|HOST|NAME|DEVICE|HASH|NEXT|REPOSITORY|CLUSTER|KEYID|FOLDER|OWNER)\b|/path/of/"
)
"""Names that stand for something else in our texts."""


def check_of(name: str) -> Check:
    return LOADED.checks[name].value


@pytest.mark.parametrize(("name", "family"), FIXES)
def test_a_script_knows_what_it_touches(name: str, family: str) -> None:
    """No file touched means that the fix only acts on packages, services or the running system."""
    check = check_of(name)
    text = check.fix[family]
    if why_by_hand(check, text) is not None:
        return
    read = touched_by(check, text)
    assert read.unclear == ()
    assert read.touched or read.acts
    writes = re.search(r"\btee\b|sed -i|>>|[^2>&-]> */(?!dev/null)|\bchmod\b|\bchown\b|\b(?:user|group)mod\b", text)
    assert read.touched or not writes, "writes files, but none is known: add touches:"


@pytest.mark.parametrize(("name", "family"), FIXES)
def test_examples_never_reach_a_script(name: str, family: str) -> None:
    check = check_of(name)
    if why_by_hand(check, check.fix[family]) is not None:
        return
    for text in (check.fix[family], check.undo):
        if text and why_by_hand(check, text) is None:
            said = " ".join(word for command in commands(text) for word in (*command.words, *command.writes))
            assert not EXAMPLES.search(said), "end the comment above it with a colon, then a person does it"


def test_most_fixes_can_be_scripted() -> None:
    """A change of the reader that sends everything to people would else go unnoticed."""
    scripted = [name for name, family in FIXES if why_by_hand(check_of(name), check_of(name).fix[family]) is None]
    assert len(scripted) > 140


@pytest.mark.parametrize("name", sorted(LOADED.checks))
def test_touches_are_places(name: str) -> None:
    for path in check_of(name).touches:
        assert re.fullmatch(r"(/|~/)[\w./*?@+-]+", path)


@pytest.mark.parametrize("place", ["etc/a", "", "/etc/a b", "/etc/a\nfile /etc/shadow", "$HOME/a", "~root/a"])
def test_what_is_no_place_is_refused(place: str, tmp_path: Path) -> None:
    content = write_checks(tmp_path, {"fx-one": "true"}, {"fx-one": {"touches": [place]}})
    with pytest.raises(ContentError, match="is no place"):
        library.load([content])


def test_what_a_check_says_is_added_to_what_is_read(tmp_path: Path) -> None:
    fix = "some-tool\nrm /etc/b"
    content = write_checks(tmp_path, {"fx-one": fix}, {"fx-one": {"touches": ["/etc/a", "~/.c"]}})
    read = touched_by(library.load([content]).checks["fx-one"].value, fix)
    assert [place.what for place in read.touched] == ["/etc/b", "/etc/a", "~/.c"]
    assert read.unclear == ()


@pytest.mark.parametrize(("name", "family"), FIXES)
def test_fixes_are_posix_shell(name: str, family: str) -> None:
    for text in (check_of(name).fix[family], check_of(name).undo or ""):
        done = subprocess.run(["sh", "-n"], input=text, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "no command for this kind"),
        ("# Do it.\n# Then again.", "no command for it"),
        ("# Put in your address:\nsudo ufw allow 1", "something to decide"),
        ("# For a person (here ayesha).\nsudo usermod -L ayesha", "something to decide"),
        ("sudo visudo", "asks for input"),
        ("sudo passwd root", "asks for input"),
        ("sudo systemctl edit x", "asks for input"),
        ("sudo ufw enable && sudo reboot", "restarts the machine"),
        ("some-tool", "which files"),
        ("cat /etc/a", "only show"),
        ("if then", "cannot be read"),
    ],
)
def test_a_person_is_asked(text: str | None, reason: str) -> None:
    assert reason in (why_by_hand(check_of("ssh-root-login"), text) or "")


@pytest.mark.parametrize(
    "text",
    [
        "sudo visudo -c && rm /etc/a",
        "sudo passwd --lock root",
        "rm /etc/a\n# For another file:\n#   rm /etc/b",
        "# Note.\nrm /etc/a",
    ],
)
def test_a_script_can(text: str) -> None:
    assert why_by_hand(check_of("ssh-root-login"), text) is None
