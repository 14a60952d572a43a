"""The trial of fixes is itself tried: fixes that are wrong in a known way must be found."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from workers import Workers, skip_without_roots

from secaudit.app.content import load as load_content

BREAK = "echo 'PermitRootLogin yes' > /etc/ssh/sshd_config.d/50-cloud-init.conf"
FILE = "/etc/ssh/sshd_config.d/00-secaudit-ssh-root-login.conf"
GOOD = f"echo 'PermitRootLogin no' | sudo tee {FILE}\nsudo sshd -t\n"
GOOD_UNDO = f"sudo rm {FILE}"

WRONG = {
    "does-nothing": ("true\n", "true", BREAK, "after the fix it must be pass"),
    "ends-with-a-failure": (f"{GOOD}for f in /no/such/file; do [ -e $f ] && true; done\n", GOOD_UNDO, BREAK, "fix: ends with exit code 1"),
    "forgets-sudo": (f"echo 'PermitRootLogin no' > {FILE}\n", GOOD_UNDO, BREAK, "fix: a command failed"),
    "spoils-the-settings": (GOOD.replace("no'", "no\\nNonsense'").replace("echo", "printf").replace("sudo sshd -t", "true"), GOOD_UNDO, BREAK, "sshd -t"),
    "asks-in-the-middle": (f"read -r answer\n{GOOD}", GOOD_UNDO, BREAK, "after the fix it must be pass"),
    "cannot-be-pasted-twice": (f"test ! -e {FILE} && {GOOD.splitlines()[0]} || sudo rm {FILE}\n", GOOD_UNDO, BREAK, "after pasting the fix twice"),
    "undo-does-nothing": (GOOD, "true", BREAK, "after the undo it must be fail"),
    "undo-fails": (GOOD, f"{GOOD_UNDO}\nsudo rm /no/such/file", BREAK, "undo: a command failed"),
    "breaks-another-check": (f"{GOOD}sudo chmod 666 /etc/shadow\n", GOOD_UNDO, BREAK, "the fix makes file-shadow-mode fail"),
    "is-not-broken": (GOOD, GOOD_UNDO, "true", "broken, but the check says: pass"),
    "changes-the-kernel": (f"{GOOD}sudo sh -c 'echo 1 > /proc/sys/kernel/kptr_restrict'\n", GOOD_UNDO, BREAK, "Read-only file system"),
    "never-ends-well": (f"{GOOD}sudo mount -t tmpfs none /mnt\n", GOOD_UNDO, BREAK, "fix: a command failed"),
    "uses-the-network": (f"{GOOD}exec 7<>/dev/tcp/192.0.2.1/80\n", GOOD_UNDO, BREAK, "fix: a command failed"),
    "cannot-be-verified": (GOOD, GOOD_UNDO, BREAK, "sshd: command not found"),
    "good": (GOOD, GOOD_UNDO, BREAK, ""),
}  # fmt: skip
"""Name -> the fix, the undo, the break, and what must be found."""


THOROUGH_ONLY = "breaks-another-check"


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of checks with wrong fixes, and their breaks."""
    folder = tmp_path_factory.mktemp("content")
    (folder / "checks/host/ssh").mkdir(parents=True)
    (folder / "fixes").mkdir()
    original = yaml.load(
        load_content().checks["ssh-root-login"].path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader
    )
    breaks = {}
    for name, (fix, undo, break_it, _) in WRONG.items():
        check = original | {"id": f"try-{name}", "fix": {"debian": fix}, "undo": undo}
        if name == "cannot-be-verified":
            check["verify"] = "sshd -T"  # not in the path of an ordinary account
        (folder / f"checks/host/ssh/try-{name}.yaml").write_text(
            yaml.safe_dump(check, default_style='"'), encoding="utf-8"
        )
        breaks[f"try-{name}"] = {"break": break_it}
    (folder / "fixes/try.yaml").write_text(yaml.safe_dump(breaks), encoding="utf-8")
    return folder


def try_out(scratch: Path, names: list[str], mode: str, content: Path) -> dict[str, Any]:
    workers = Workers(scratch, [f"try-{name}" for name in names], mode, (content,))
    found = {check: future.result() for check, future in workers.results.items()}
    workers.close()
    return found


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, content: Path) -> dict[str, Any]:
    skip_without_roots()
    quick = [name for name in WRONG if name != THOROUGH_ONLY]
    return {
        **try_out(tmp_path_factory.mktemp("quick"), quick, "quick", content),
        **try_out(tmp_path_factory.mktemp("thorough"), [THOROUGH_ONLY], "thorough", content),
    }


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_fix_is_found(name: str, results: dict[str, Any]) -> None:
    result = results[f"try-{name}"]
    wanted = WRONG[name][3]
    if wanted:
        assert any(wanted in text for text in (*result["problems"], result["log"] if result["problems"] else "")), (
            result
        )
    else:
        assert not result["problems"], result


def test_the_base_stays_as_it_was(results: dict[str, Any]) -> None:
    from workers import BASE

    assert not (BASE / FILE.lstrip("/")).exists()
    assert not (BASE / "usr/local/lib/fixes-askpass").exists()


def test_where_no_overlay_is_allowed_the_root_is_copied(
    tmp_path: Path, content: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    skip_without_roots()
    monkeypatch.setenv("FIXES_COPY", "cp")
    found = try_out(tmp_path, ["good", "undo-does-nothing"], "quick", content)
    assert not found["try-good"]["problems"], found
    assert found["try-undo-does-nothing"]["problems"], found
