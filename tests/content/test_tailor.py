"""Parameters that a profile or the command line sets: strict, and never silent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runprogram import secaudit
from secaudit.content import library
from secaudit.content.select import select
from secaudit.errors import UsageError
from secaudit.model import Tailoring

LOADED = library.load()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("ssh-max-auth-tries.limit", "is not a parameter"),
        ("ssh-max-auth-tries=3", "is not a parameter"),
        ("ssh-max-auth-tries.limt=3", 'no parameter "limt"'),
        ("ssh-max-auth-tris.limit=3", 'no check "ssh-max-auth-tris"'),
        ("ssh-max-auth-tries.limit=three", "is not a whole number"),
    ],
)
def test_a_slip_is_told_before_the_audit(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        select(LOADED, "freelancer", params=[text])


def test_a_list_is_written_with_commas() -> None:
    chosen = select(LOADED, "freelancer", params=["ssh-root-login.allowed=no, forced-commands-only"])
    assert chosen.params["ssh-root-login"] == {"allowed": ("no", "forced-commands-only")}


def test_what_equals_the_check_s_own_value_is_no_change() -> None:
    own = LOADED.checks["ssh-max-auth-tries"].value.params["limit"].default
    assert select(LOADED, "freelancer", params=[f"ssh-max-auth-tries.limit={own}"]).tailored == ()
    changed = select(LOADED, "freelancer", params=["ssh-max-auth-tries.limit=2"]).tailored
    assert changed == (Tailoring("ssh-max-auth-tries", "limit", 2, own),)


def test_a_profile_with_a_text_for_a_number_is_refused(tmp_path: Path) -> None:
    """In SQL the text would be larger than every number, and the check would pass for ever."""
    folder = tmp_path / "standards" / "profiles"
    folder.mkdir(parents=True)
    (folder / "lax.yaml").write_text(
        "id: lax\ntitle: Lax\ndescription: Lax.\nstandards: [iso27001-2022]\n"
        'params:\n  ssh-max-auth-tries: {limit: "many"}\n'
    )
    done = secaudit("audit", "--profile", "lax", "--content", str(tmp_path), state=tmp_path)
    assert done.returncode == 2
    assert "lax.yaml:6:" in done.stderr
    assert "is not a whole number" in done.stderr


def test_the_run_says_by_which_values_it_judged(tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "etc").mkdir(parents=True)
    words = ("audit", "--root", str(root), "--only", "ssh-max-auth-tries", "--param", "ssh-max-auth-tries.limit=1")
    done = secaudit(*words, "--format", "json", "--no-save", state=tmp_path)
    tailored = json.loads(done.stdout)["tailored"]
    assert [(item["check"], item["param"], item["value"]) for item in tailored] == [("ssh-max-auth-tries", "limit", 1)]
    assert "ssh-max-auth-tries.limit" in secaudit(*words, "--format", "text", "--no-save", state=tmp_path).stdout
