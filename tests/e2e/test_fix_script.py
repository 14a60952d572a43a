"""Fix scripts are run for real: what they do, how they stop, and that the undo script puts back every byte and mode."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from debian_roots import ROOTS, needs_roots
from fixruns import failed, keep_run, write_checks
from runprogram import secaudit
from userview import NOBODY_UID

FIXES = {
    "fx-a-file": "grep -q more ~/.config/app/settings || echo more >> ~/.config/app/settings\nchmod 600 ~/.config/app/settings",
    "fx-b-new": "mkdir -p ~/.config/new/deep\necho 1 > ~/.config/new/deep/file",
    "fx-c-link": "rm -f ~/link\necho text > ~/link",
    "fx-d-modes": 'chmod -R go-rwx ~/tree\nfor f in ~/key*; do chmod 600 "$f"; done\nfind ~/odd -type f -perm -0004 -exec chmod o-r {} +',
    "fx-e-gone": "rm -f ~/.rhosts",
    "fx-f-again": "grep -q again ~/.config/app/settings || echo again >> ~/.config/app/settings",
}


def facts(folder: Path) -> dict[str, tuple[object, ...]]:
    """Mode, owner, kind and content of everything in a folder, but for the copies."""
    found: dict[str, tuple[object, ...]] = {}
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if os.path.join(place, name) != str(folder / ".local")]
        for name in (*folders, *names):
            path = Path(place) / name
            info = path.lstat()
            content = ""
            if stat.S_ISLNK(info.st_mode):
                content = os.readlink(path)
            elif stat.S_ISREG(info.st_mode):
                content = hashlib.sha256(path.read_bytes()).hexdigest()
            found[os.path.relpath(path, folder)] = (oct(info.st_mode), info.st_uid, info.st_gid, content)
    return found


class Person:
    """An ordinary account with a home folder, a fix script and an undo script."""

    def __init__(self, folder: Path) -> None:
        self.home = folder / "home"
        self.script = self.home / "fix.sh"
        self.undo = self.home / "fix-undo.sh"

    def give_home(self) -> None:
        self.home.parent.chmod(0o755)
        self.home.chmod(0o755)
        if os.geteuid() == 0:
            for place, folders, names in os.walk(self.home):
                for path in (place, *(os.path.join(place, name) for name in (*folders, *names))):
                    os.chown(path, NOBODY_UID, NOBODY_UID, follow_symlinks=False)

    def run(self, script: Path, *words: str, host: bool = True, **env: str) -> subprocess.CompletedProcess[str]:
        options: dict[str, object] = {}
        if os.geteuid() == 0:
            options = {"user": NOBODY_UID, "group": NOBODY_UID, "extra_groups": []}
        return subprocess.run(
            ["sh", str(script), *words],
            env={"PATH": os.environ["PATH"], "HOME": str(self.home), **env}, cwd=self.home, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=60, **options,  # type: ignore[call-overload]
        )  # fmt: skip

    def facts(self) -> dict[str, tuple[object, ...]]:
        return facts(self.home)

    @property
    def copies(self) -> Path:
        (run,) = (self.home / ".local/state/secaudit/backups").iterdir()
        return run


def make_person(
    folder: Path,
    fixes: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    more: dict[str, dict[str, object]] | None = None,
) -> Person:
    person = Person(folder)
    home = person.home
    for name in (".config/app", "tree/below", "odd"):
        (home / name).mkdir(parents=True)
    (home / ".config/app/settings").write_text("first\n")
    (home / "link").symlink_to("nowhere")
    for name in ("tree/below/a b", "tree/\\x\x1b", "key one", "key2", "odd/new\nline", "odd/-n", "odd/plain"):
        (home / name).write_text(name)
        (home / name).chmod(0o664)
    (home / ".rhosts").write_text("+ +\n")
    (home / ".rhosts").chmod(0o640)
    content = write_checks(folder / "content", dict(fixes), more)
    keep_run(folder / "state", tuple(failed(name, text) for name, text in fixes.items()), monkeypatch)
    done = secaudit(
        "fix", "--content", str(content), "--severity", "low", "-o", str(person.script), state=folder / "state"
    )
    assert done.returncode == 0, done.stderr
    person.give_home()
    return person


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of its own, which an ordinary account can reach; those of pytest are closed at each start of pytest."""
    place = Path(tempfile.mkdtemp(prefix="fix-script-"))
    yield place
    shutil.rmtree(place, ignore_errors=True)


@pytest.fixture
def person(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Person:
    return make_person(folder, FIXES, monkeypatch)


def test_undo_puts_back_every_byte_and_mode(person: Person) -> None:
    before = person.facts()
    done = person.run(person.script, "--yes")
    assert done.returncode == 0, done.stderr
    changed = {
        name for name, value in person.facts().items() if before.get(name) != value
    } | before.keys() - person.facts()
    assert {
        ".config/app/settings",
        ".config/new/deep/file",
        "link",
        "tree/below/a b",
        "key one",
        "odd/plain",
        ".rhosts",
    } <= changed
    assert person.copies.stat().st_mode & 0o777 == 0o700
    undone = person.run(person.undo, "--yes")
    assert undone.returncode == 0, undone.stderr
    after = person.facts()
    assert after.pop("odd/new\nline") != before.pop("odd/new\nline"), "a name with a line break is not kept"
    assert after == before
    again = person.run(person.undo, "--yes")
    assert again.returncode == 0
    assert "was not done, or is undone already" in again.stderr
    assert person.facts().keys() - after.keys() == {"odd/new\nline"}


def test_a_second_run_keeps_the_first_copies(person: Person) -> None:
    before = person.facts()
    person.run(person.script, "--yes")
    second = person.run(person.script, "--yes")
    assert "are kept already" in second.stderr
    assert person.run(person.undo, "--yes").returncode == 0
    settings = ".config/app/settings"
    assert person.facts()[settings] == before[settings]


def test_steps_can_be_chosen(person: Person) -> None:
    before = person.facts()
    assert person.run(person.script, "--yes", "5").returncode == 0
    assert before.keys() - person.facts().keys() == {".rhosts"}
    assert person.run(person.script, "--yes", "--from", "6").returncode == 0
    assert person.facts()[".config/app/settings"] != before[".config/app/settings"]
    assert person.run(person.undo, "--yes", "5").returncode == 0
    assert person.facts()[".rhosts"] == before[".rhosts"]
    listed = person.run(person.script, "--list")
    assert [line.split()[0] for line in listed.stdout.splitlines()] == ["1", "2", "3", "4", "5", "6"]
    assert "--from 3" in person.run(person.script, "--help").stdout


@pytest.mark.parametrize("words", [["7"], ["0"], ["x"], ["--from"], ["--from", "9"], ["--wrong"], ["-1"], ["1;id"], []])
def test_wrong_words_and_no_terminal_do_nothing(person: Person, words: list[str]) -> None:
    before = person.facts()
    for script in (person.script, person.undo):
        done = person.run(script, *words)
        assert done.returncode == 2, done.stderr
        assert "help:" in done.stderr
    assert person.facts() == before


def test_another_machine_is_refused(person: Person) -> None:
    before = person.facts()
    for script in (person.script, person.undo):
        script.write_text(script.read_text().replace("\nhost=", "\nhost=other; x="))
        done = person.run(script, "--yes")
        assert done.returncode == 2
        assert 'is for the machine "other"' in done.stderr
    assert {**person.facts(), "fix.sh": (), "fix-undo.sh": ()} == {**before, "fix.sh": (), "fix-undo.sh": ()}
    assert person.run(person.script, "--yes", SECAUDIT_ANY_HOST="1").returncode == 0


def test_a_failing_step_stops_and_says_how_to_go_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fixes = {
        "fx-a": "echo 1 >> ~/one",
        "fx-b": "echo 2 >> ~/two\ntest -e ~/never\necho 3 >> ~/two",
        "fx-c": "echo 4 >> ~/four",
        "fx-d": "[ -e ~/never ] && echo 5 >> ~/five",
    }
    person = make_person(folder, fixes, monkeypatch)
    before = person.facts()
    done = person.run(person.script, "--yes")
    assert done.returncode == 1
    assert "error: step 2 (fx-b) failed with exit code 1; nothing after it was begun" in done.stderr
    assert f"sh {person.undo} 2" in done.stderr
    assert "--from 3" in done.stderr
    assert (person.home / "two").read_text() == "2\n"
    assert not (person.home / "four").exists()
    assert person.run(person.script, "--yes", "--from", "3").returncode == 0, (
        "a condition that is not met is no failure"
    )
    assert person.run(person.undo, "--yes").returncode == 0
    assert person.facts() == before


def test_what_others_changed_since_is_left(person: Person) -> None:
    before = person.facts()
    person.run(person.script, "--yes")
    mine = person.home / ".config/app/settings"
    mine.write_text("my later work\n")
    (person.home / "key2").chmod(0o400)
    done = person.run(person.undo, "--yes")
    assert done.returncode == 1
    assert f"left as it is: {mine} (it was changed since)" in done.stderr
    assert mine.read_text() == "my later work\n"
    assert (person.home / "key2").stat().st_mode & 0o777 == 0o400
    assert person.facts()[".rhosts"] == before[".rhosts"], "the rest is put back"
    forced = person.run(person.undo, "--yes", "--force")
    assert forced.returncode == 0, forced.stderr
    assert person.facts()[".config/app/settings"] == before[".config/app/settings"]
    replaced = list(person.copies.glob(f"*/replaced{mine}"))
    assert "my later work\n" in [path.read_text() for path in replaced], "nothing is lost"


def test_the_undo_of_a_check_runs_before_the_copies_go_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fixes = {"fx-a": "echo on > ~/switch"}
    more = {"fx-a": {"undo": "cat ~/switch > ~/seen-by-undo\nrm ~/switch\nfalse"}}
    person = make_person(folder, fixes, monkeypatch, more)
    (person.home / "switch").write_text("off")
    person.give_home()
    assert person.run(person.script, "--yes").returncode == 0
    done = person.run(person.undo, "--yes")
    assert done.returncode == 0, done.stderr
    assert "a command of the undo failed" in done.stderr
    assert (person.home / "seen-by-undo").read_text() == "on\n"
    assert (person.home / "switch").read_text() == "off"


def test_steps_are_not_hurt_by_a_strict_umask_or_options(person: Person) -> None:
    os.umask(old := os.umask(0o077))
    try:
        os.umask(0o077)
        assert person.run(person.script, "--yes", "2").returncode == 0
    finally:
        os.umask(old)
    assert (person.home / ".config/new/deep/file").stat().st_mode & 0o777 == 0o644


def test_no_copies_no_step(person: Person) -> None:
    before = person.facts()
    (person.home / ".local").write_text("a file where a folder should be")
    person.give_home()
    done = person.run(person.script, "--yes")
    assert done.returncode == 1
    assert "was not begun: no copies could be kept" in done.stderr
    (person.home / ".local").unlink()
    assert person.facts() == before


@pytest.mark.skipif(os.geteuid() != 0, reason="becomes another user")
def test_it_asks_on_a_terminal(person: Person) -> None:
    """n leaves out, s shows the commands, y does it, q stops."""
    who = f"setpriv --reuid={NOBODY_UID} --regid={NOBODY_UID} --clear-groups env HOME={person.home}"
    done = subprocess.run(
        ["script", "-qec", f"{who} sh {person.script}", "/dev/null"],
        input="n\ns\ny\nq\n", capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "echo 1 > ~/.config/new/deep/file" in done.stdout
    assert "left out" in done.stdout
    assert "steps from 3 on were not begun" in done.stdout
    assert (person.home / ".config/new/deep/file").read_text() == "1\n"
    assert (person.home / ".config/app/settings").read_text() == "first\n"
    assert (person.home / ".rhosts").exists()


# ---------------------------------------------------------------- as root, in a Debian root


@pytest.fixture
def debian(tmp_path: Path) -> Iterator[Path]:
    """A copy of Debian that may be changed: an overlay where that is possible."""
    top = tmp_path / "root"
    for name in ("root", "upper", "work"):
        (tmp_path / name).mkdir()
    options = f"lowerdir={ROOTS['bookworm']},upperdir={tmp_path}/upper,workdir={tmp_path}/work"
    mounted = subprocess.run(
        ["mount", "-t", "overlay", "overlay", "-o", options, str(top)], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        top.rmdir()
        subprocess.run(["cp", "-a", str(ROOTS["bookworm"]), str(top)], check=True)
    try:
        (top / "run/sshd").mkdir(exist_ok=True)
        yield top
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", str(top)], check=True)
        shutil.rmtree(top, ignore_errors=True)


def inside(top: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run in the root. /proc is read-only there, so that no setting of this kernel can change."""
    script = 'mount -t proc -o ro proc "$0/proc" && exec chroot "$0" "$@"'
    return subprocess.run(
        ["unshare", "-m", "sh", "-c", script, str(top), *words],
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "SYSTEMD_OFFLINE": "1", "SECAUDIT_ANY_HOST": "1"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


CHOSEN = (
    "ssh-root-login", "ssh-password-login", "ssh-x11-forwarding", "ssh-macs", "ssh-banner", "file-shadow-mode",
    "file-programs-write", "cron-files-owner", "cron-allow-list", "sysconf-owner", "login-lockout", "su-restricted",
    "login-no-empty-passwords", "passwords-history", "accounts-umask", "banner-no-system-facts", "services-ctrl-alt-del",
)  # fmt: skip


def spoil(top: Path) -> None:
    """Make things worse, so that there is more to mend than in a fresh system."""
    sshd = top / "etc/ssh/sshd_config"
    sshd.write_text("PermitRootLogin yes\n" + sshd.read_text())
    dropin = top / "etc/ssh/sshd_config.d/00-secaudit-ssh-macs.conf"
    dropin.write_text("# was here before\n")
    dropin.chmod(0o600)
    (top / "etc/cron.d").chmod(0o777)
    (top / "etc/shadow").chmod(0o644)
    (top / "etc/profile.d/work.sh").write_text("true\n")
    (top / "etc/profile.d/work.sh").chmod(0o666)
    (top / "etc/sudoers.d/zz-offline").write_text('Defaults env_keep += "SYSTEMD_OFFLINE"\n')
    (top / "etc/sudoers.d/zz-offline").chmod(0o440)


def places(top: Path) -> dict[str, tuple[object, ...]]:
    return {
        f"{name}/{path}": value
        for name in ("etc", "usr/share/pam-configs", "var/lib/pam", "root/.config")
        if (top / name).is_dir()
        for path, value in facts(top / name).items()
    }


def statuses(top: Path, state: Path) -> dict[str, str]:
    import json

    only = [word for name in CHOSEN for word in ("--only", name)]
    done = secaudit(
        "audit", "--root", str(top), "--profile", "server", *only, "--format", "json", "--fail-on", "never", state=state
    )
    assert done.returncode == 0, done.stderr
    return {item["check"]: item["status"] for item in json.loads(done.stdout)["results"]}


@needs_roots
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root for chroot")
def test_a_debian_system_is_mended_and_goes_back(debian: Path, tmp_path: Path) -> None:
    spoil(debian)
    before = places(debian)
    failing = {name for name, status in statuses(debian, tmp_path).items() if status == "fail"}
    assert len(failing) >= 12, failing
    made = secaudit("fix", "--severity", "info", "-o", str(debian / "root/fix.sh"), state=tmp_path)
    assert made.returncode == 0, made.stderr
    refused = subprocess.run(["chroot", str(debian), "sh", "/root/fix.sh", "--yes"], capture_output=True, check=False)
    assert refused.returncode == 2
    assert places(debian) == before

    done = inside(debian, "sh", "/root/fix.sh", "--yes")
    assert done.returncode == 0, done.stderr
    after = statuses(debian, tmp_path / "later")
    assert {name: after[name] for name in failing if after[name] != "pass"} == {}
    copies = debian / "var/backups/secaudit"
    assert copies.stat().st_mode & 0o777 == 0o700
    changed = {name for name, value in places(debian).items() if before.get(name) != value}
    assert {
        "etc/shadow",
        "etc/cron.d",
        "etc/pam.d/common-auth",
        "etc/ssh/sshd_config.d/00-secaudit-ssh-macs.conf",
    } <= changed

    undone = inside(debian, "sh", "/root/fix-undo.sh", "--yes")
    assert undone.returncode == 0, undone.stderr
    assert places(debian) == before


@needs_roots
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root for chroot")
def test_a_person_with_sudo_mends_own_and_system_files(
    debian: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fixes = {
        "fx-both": "echo 1 | sudo tee /etc/fx.conf\necho 2 >> ~/.fx\nsudo rm /etc/secret",
        "fx-home": "chmod 600 ~/.fx",
    }
    content = write_checks(tmp_path / "content", dict(fixes))
    keep_run(tmp_path / "state", tuple(failed(name, text) for name, text in fixes.items()), monkeypatch)
    (debian / "etc/secret").write_text("secret")
    (debian / "etc/secret").chmod(0o400)
    assert inside(debian, "useradd", "--create-home", "omar").returncode == 0
    (debian / "etc/sudoers.d/omar").write_text("omar ALL=(ALL) NOPASSWD: ALL\n")
    made = secaudit("fix", "--content", str(content), "-o", str(debian / "home/omar/fix.sh"), state=tmp_path / "state")
    assert made.returncode == 0, made.stderr
    assert inside(debian, "chown", "-R", "omar:", "/home/omar").returncode == 0
    before, home = places(debian), facts(debian / "home/omar")
    as_omar = ("su", "omar", "-c")
    done = inside(debian, *as_omar, "SECAUDIT_ANY_HOST=1 HOME=/home/omar sh /home/omar/fix.sh --yes")
    assert done.returncode == 0, done.stderr
    assert not (debian / "etc/secret").exists()
    assert (debian / "home/omar/.fx").stat().st_mode & 0o777 == 0o600
    own = [path for path in (debian / "home/omar/.local").rglob("*") if path.name == "secret"]
    assert own == [], "a copy of root's file stays with root"
    undone = inside(debian, *as_omar, "SECAUDIT_ANY_HOST=1 HOME=/home/omar sh /home/omar/fix-undo.sh --yes")
    assert undone.returncode == 0, undone.stderr
    assert (places(debian), facts(debian / "home/omar")) == (before, home)


@needs_roots
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root for chroot")
def test_root_follows_no_link_that_somebody_else_can_set(
    debian: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the fix and its undo the owner of a folder swaps it for a link to /etc."""
    fixes = {"fx-a": "sudo find /srv/work -type f -exec chmod o-w {} +\nsudo rm -f /srv/work/notes"}
    content = write_checks(tmp_path / "content", dict(fixes))
    keep_run(tmp_path / "state", tuple(failed(name, text) for name, text in fixes.items()), monkeypatch)
    work = debian / "srv/work"
    work.mkdir(parents=True)
    for name in ("shadow", "notes"):
        (work / name).write_text("mine")
        (work / name).chmod(0o666)
    assert inside(debian, "chown", "-R", "nobody:", "/srv/work").returncode == 0
    made = secaudit("fix", "--content", str(content), "-o", str(debian / "root/fix.sh"), state=tmp_path / "state")
    assert made.returncode == 0, made.stderr
    assert inside(debian, "sh", "/root/fix.sh", "--yes").returncode == 0
    before = places(debian)
    work.rename(debian / "srv/old")
    work.symlink_to("/etc")
    os.chown(work, NOBODY_UID, NOBODY_UID, follow_symlinks=False)
    undone = inside(debian, "sh", "/root/fix-undo.sh", "--yes", "--force")
    assert undone.returncode == 1
    assert "its folder is not closed to others" in undone.stderr
    assert places(debian) == before
    assert not (debian / "etc/notes").exists()


@needs_roots
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root for chroot")
def test_root_needs_no_sudo(debian: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fixes = {
        "fx-a": "echo 1 | sudo tee /etc/fx-a\nA=1 sudo B=2 mkdir /etc/fx-d && printf '/etc/fx-a' | xargs -r sudo rm"
    }
    content = write_checks(tmp_path / "content", dict(fixes), {"fx-a": {"touches": ["/etc/fx-a"]}})
    keep_run(tmp_path / "state", tuple(failed(name, text) for name, text in fixes.items()), monkeypatch)
    (debian / "etc/fx-a").write_text("0")
    made = secaudit("fix", "--content", str(content), "-o", str(debian / "root/fix.sh"), state=tmp_path / "state")
    assert made.returncode == 0, made.stderr
    (debian / "usr/bin/sudo").unlink()
    before = places(debian)
    done = inside(debian, "sh", "/root/fix.sh", "--yes")
    assert done.returncode == 0, done.stderr
    assert not (debian / "etc/fx-a").exists()
    assert (debian / "etc/fx-d").is_dir()
    assert list((debian / "tmp").iterdir()) == [], "the stand-in for sudo is gone"
    assert inside(debian, "sh", "/root/fix-undo.sh", "--yes").returncode == 0
    assert places(debian) == before
