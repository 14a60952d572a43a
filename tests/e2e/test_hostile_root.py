"""Damaged and hostile root file systems: nothing crashes, nothing hostile gets out, and no verdict gets better."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sloppy_root
from damage import KINDS, PERMISSIVE, UNREADABLE, Auditor, better, bugs, damaged, measured, read_files, verdicts

from runprogram import secaudit
from secaudit.app.output import render
from secaudit.evidence.document import dump_run, load_run
from secaudit.evidence.snapshot import dump_snapshot, load_snapshot
from secaudit.model import Run, Snapshot
from secaudit.terminal.audit_view import AuditView, Surroundings
from tabletest import make_root, open_to_others, read_table

DEADLINE_S = 240
"""Of one audit. Far more than it takes, even on a busy machine: this is about ending at all, not about speed."""
MEMORY_MB = 300
"""Of one audit, beyond what the process had before."""
PROGRAMS = ("/usr/bin/", "/usr/sbin/")
"""Programs are not damaged: without sshd there is nothing to say about sshd."""
NOT_WHOLE = ("ok", "absent", "unsupported")
KNOWN_UNSEEN = {
    "authorized_keys": "without dpkg's list the version of sshd is not known, and its defaults are NULL",
    "auto_update": "what follows from archives, and from settings of apt that cannot be read, is NULL",
    "backup_jobs": "a script that cannot be read is no proof of a backup, and no proof is a failure",
    "boot_loader": "password_set is NULL",
    "boot_mounts": "systemd passes over links in a loop and over folders",
    "browser_settings": "values are NULL",
    "core_dumps": "boot values are NULL",
    "credential_files": "what is no plain file holds no secret; of others the row says NULL",
    "disk_encryption": "systemd passes over links in a loop and over folders; with GRUB's words unread, values are NULL",
    "docker_daemon": "unit files of others",
    "file": "names of groups are NULL",
    "firewall_config": "values are NULL",
    "history_files": "what is no plain file holds nothing; names of groups are NULL",
    "kernel_modules": "values are NULL",
    "login_banners": "os-release only tells which words to look for",
    "mounts": "systemd passes over links in a loop and over folders",
    "network_controls": "values are NULL",
    "password_policy": "the umask of shells is NULL",
    "private_keys": "kind and bits are NULL",
    "root_path": "names of groups are empty; user_groups, which its check reads too, says that it was not read",
    "removable_media": "~/.dmrc only tells which desktop was used last",
    "scheduled_job_files": "names are NULL",
    "screen_lock": "~/.dmrc only tells which desktop was used last",
    "service_programs": "systemd passes over links in a loop and over folders",
    "service_settings": "systemd passes over links in a loop and over folders",
    "services": "systemd passes over links in a loop and over folders",
    "shell_history_secrets": "what is no plain file holds nothing",
    "ssh_version": "values are NULL",
    "sshd_algorithms": "values are NULL",
    "sshd_config": "values are NULL; sshd passes over folders",
    "sudo_defaults": "sudo passes over what is no plain file",
    "sudo_rules": "sudo passes over what is no plain file",
    "suid_bin": "owners are NULL",
    "swaps": "systemd passes over links in a loop and over folders; with GRUB's words unread, values are NULL",
    "system_controls": "values are NULL",
    "unowned_files": "where lent numbers are not known, what nobody has is NULL",
    "world_writable": "owners are NULL",
    "apt_config": "apt passes over folders",
    "apt_sources": "apt passes over folders",
    "update_metadata": "apt passes over folders",
    "log_config": "journald passes over folders",
    "single_user": "systemd passes over links in a loop and over folders",
    "timers": "systemd passes over links in a loop and over folders",
    "autologin": "systemd passes over links in a loop and over folders",
}
"""Tables that may end whole although a file could not be read, and why that is no lie."""


@pytest.fixture(scope="module")
def auditor() -> Auditor:
    return Auditor.load()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("hostile")
    yield sloppy_root.build(folder / "root")
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def sound(auditor: Auditor, root: Path) -> tuple[Snapshot, Run]:
    """The careless but undamaged root."""
    snapshot = auditor.snapshot(root)
    return snapshot, auditor.judge(snapshot)


@pytest.fixture(scope="module")
def files(sound: tuple[Snapshot, Run], root: Path) -> dict[str, set[str]]:
    found = read_files(sound[0], root)
    return {path: names for path, names in sorted(found.items()) if not path.startswith(PROGRAMS)}


def test_the_careless_root_fails_and_no_table_does(sound: tuple[Snapshot, Run], files: dict[str, set[str]]) -> None:
    snapshot, run = sound
    assert run.counts.failed > 120, "else the damage below could hide nothing"
    assert len(files) > 100
    assert [table.name for table in snapshot.tables if table.status in ("failed", "timeout")] == []


# ---------------------------------------------------------------- every file at once


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "closed"])
def test_every_file_damaged_at_once(
    auditor: Auditor, root: Path, sound: tuple[Snapshot, Run], files: dict[str, set[str]], kind: str
) -> None:
    chosen = list(files)[::32] if kind in ("line", "lines") else list(files)  # else more than a gigabyte

    def audit() -> tuple[int, list[str], list[str], int]:
        with damaged(root, chosen, KINDS[kind]) as paths:
            snapshot = auditor.snapshot(root)
        run = auditor.judge(snapshot)
        check_views(run, snapshot)
        return len(paths), bugs(snapshot), better(verdicts(sound[1]), verdicts(run), kind), run.counts.passed

    found = measured(audit, DEADLINE_S)
    count, faults, wrong, passed = found.value
    assert count > 10
    assert faults == []
    assert found.peak_mb < MEMORY_MB
    if kind in UNREADABLE:
        assert wrong == []
        assert passed < sound[1].counts.passed // 2


def test_links_out_of_the_root_lead_nowhere(auditor: Auditor, root: Path, files: dict[str, set[str]]) -> None:
    """Nothing is better than when the files are not there at all, whatever lies at the end of the links."""
    found = []
    for kind in ("outside", "gone"):
        with damaged(root, files, KINDS[kind]):
            snapshot = auditor.snapshot(root)
        found.append(verdicts(auditor.judge(snapshot)))
        hashes = {source.sha256 for table in snapshot.tables for source in table.sources}
        assert hashlib.sha256(PERMISSIVE.encode()).hexdigest() not in hashes
    outside, gone = found
    assert better(gone, outside, "outside") == []


# ---------------------------------------------------------------- one file at a time


@pytest.mark.parametrize("kind", [kind for kind in UNREADABLE if kind != "closed"])
def test_one_file_that_cannot_be_read_makes_nothing_better(
    auditor: Auditor, root: Path, sound: tuple[Snapshot, Run], files: dict[str, set[str]], kind: str
) -> None:
    before, old = sound[0], verdicts(sound[1])
    wrong = []
    for path, names in sample(files, kind):
        with damaged(root, [path], KINDS[kind]) as done:
            if not done:
                continue
            snapshot = auditor.again(root, before, sorted(names))
        wrong += [f"{path}: {text}" for text in bugs(snapshot)]
        wrong += [f"{path}: {text}" for text in better(old, auditor.verdicts(snapshot, names), kind)]
        wrong += [f"{path}: {text}" for text in unseen(snapshot, names)]
    assert wrong == []


def sample(files: dict[str, set[str]], kind: str) -> Iterator[tuple[str, set[str]]]:
    """All files for a FIFO, a share of them for other kinds; of folders with hundreds of files only a few."""
    kinds = list(UNREADABLE)
    seen: dict[str, int] = {}
    for number, (path, names) in enumerate(files.items()):
        folder = os.path.dirname(path)
        seen[folder] = seen.get(folder, 0) + 1
        if folder.startswith(("/usr/lib/systemd", "/var/lib/dpkg/info")) and seen[folder] > 2:
            continue
        if kind == "fifo" or number % 5 == kinds.index(kind) % 5:
            yield path, names


def unseen(snapshot: Snapshot, names: set[str]) -> Iterator[str]:
    """Tables that end whole although one of their files is there and cannot be read."""
    for table in snapshot.tables:
        if table.name in names and table.status in NOT_WHOLE and table.name not in KNOWN_UNSEEN:
            errors = {source.error for source in table.sources if source.kind == "file"} - {None, "ENOENT", "ENOTDIR"}
            if errors:
                yield f"{table.name} is {table.status} after {', '.join(map(str, errors))}"


@pytest.mark.skipif(os.geteuid() != 0, reason="nothing is closed to root, so it must be able to leave its rights")
def test_files_and_folders_closed_to_a_user_make_nothing_better(
    auditor: Auditor, root: Path, files: dict[str, set[str]], tmp_path: Path, as_nobody: Callable[..., list[str]]
) -> None:
    copy = tmp_path / "own" / "root"
    copy.parent.mkdir()
    shutil.copytree(root, copy, symlinks=True)
    open_to_others(tmp_path)
    for place, folders, names in os.walk(copy.parent):
        for name in ("", *folders, *names):
            os.chown(os.path.join(place, name), 65534, 65534, follow_symlinks=False)

    def compare() -> list[str]:
        before = auditor.snapshot(copy)
        old = verdicts(auditor.judge(before))
        wrong = []
        with damaged(copy, files, KINDS["closed"]):
            snapshot = auditor.snapshot(copy)
            wrong += bugs(snapshot) + better(old, verdicts(auditor.judge(snapshot)), "closed")
        for number, (path, readers) in enumerate(files.items()):
            if number % 4 == 0 and not path.startswith(("/usr/lib/systemd", "/var/lib/dpkg/info")):
                with damaged(copy, [path], KINDS["closed"]):
                    snapshot = auditor.again(copy, before, sorted(readers))
                found = bugs(snapshot) + better(old, auditor.verdicts(snapshot, readers), "closed")
                wrong += [f"{path}: {text}" for text in found]
        for path in sorted({os.path.dirname(path) for path in files}):
            folder = copy / path.lstrip("/")
            if not folder.is_dir() or folder.is_symlink() or path in ("/", "/etc", "/usr/lib"):
                continue
            mode = folder.stat().st_mode & 0o7777
            folder.chmod(0)
            try:
                snapshot = auditor.again(copy, before, sorted(readers_below(files, path)))
            finally:
                folder.chmod(mode)
            found = bugs(snapshot) + better(old, auditor.verdicts(snapshot, readers_below(files, path)), "closed")
            wrong += [f"{path}/: {text}" for text in found]
        return wrong

    assert as_nobody(compare) == []


def readers_below(files: dict[str, set[str]], folder: str) -> set[str]:
    return set().union(*(names for path, names in files.items() if os.path.dirname(path) == folder))


# ---------------------------------------------------------------- folders that never end


def test_folders_with_200000_entries(auditor: Auditor, root: Path, sound: tuple[Snapshot, Run]) -> None:
    many = root / "many"
    many.mkdir()
    (many / "first.conf").touch()
    descriptor = os.open(many, os.O_PATH)
    for number in range(200_000):  # links to one file: three times faster than files
        os.link("first.conf", f"f{number}", src_dir_fd=descriptor, dst_dir_fd=descriptor)
        if number % 60_000 == 59_999:  # the most links that ext4 allows
            (many / "first.conf").unlink()
            (many / "first.conf").touch()
    os.close(descriptor)
    places = (
        "etc/cron.d", "etc/sudoers.d", "etc/sysctl.d", "etc/ssh/sshd_config.d", "etc/systemd/system",
        "home/ayesha/.ssh", "home/ayesha/work", "var/lib/dpkg/info",
    )  # fmt: skip
    paths = ["/" + place for place in places]

    def link(place: Path, old: Path | None) -> None:
        place.symlink_to("/many")

    def audit() -> tuple[list[str], int]:
        with damaged(root, paths, link):
            snapshot = auditor.snapshot(root, timeout_s=2)
        return bugs(snapshot), auditor.judge(snapshot).counts.unknown

    try:
        found = measured(audit, DEADLINE_S)
    finally:
        shutil.rmtree(many)
    faults, unknown = found.value
    assert [text for text in faults if ": timeout: " not in text] == []
    assert unknown > sound[1].counts.unknown
    assert found.peak_mb < MEMORY_MB


# ---------------------------------------------------------------- single files that once did harm


@pytest.mark.parametrize("content", ["", "\n\n", "# nobody\n", "\0\x01garbage\n" * 50, "a:b\n"])
def test_a_passwd_without_accounts_is_not_a_machine_without_people(tmp_path: Path, content: str) -> None:
    root = make_root(tmp_path, {"/etc/passwd": content, "/etc/group": content})
    for name in ("users", "user_groups", "groups", "shell_history_secrets", "private_keys", "unowned_files"):
        data = read_table(name, root)
        assert data.status == "failed", (name, data.status)
        assert data.reason is not None
        assert "holds no" in data.reason or "cannot be read" in data.reason


def test_a_home_folder_that_can_be_no_path_does_not_exist(tmp_path: Path) -> None:
    names = ("/home/a\0b", "/" + "x" * 300, "/" + "y/" * 5000)
    lines = "".join(f"u{number}:x:{number}:100::{name}:/bin/sh\n" for number, name in enumerate(names, 1000))
    root = make_root(tmp_path, {"/etc/passwd": "root:x:0:0::/root:/bin/sh\n" + lines, "/root/x": ""})
    for name in ("users", "authorized_keys", "private_keys", "shell_history_secrets", "git_settings"):
        assert read_table(name, root).status in ("ok", "absent", "partial"), name


@pytest.mark.parametrize(
    ("table", "path", "line"),
    [("sudo_defaults", "/etc/sudoers", "k%d v\n"), ("apt_config", "/etc/apt/apt.conf", "k%d v\n")],
)
def test_junk_lines_cost_linear_time(tmp_path: Path, table: str, path: str, line: str) -> None:
    seconds = []
    for count in (10_000, 80_000):
        files = {path: "".join(line % number for number in range(count)), "/usr/bin/sudo": "x"}
        root = make_root(tmp_path / str(count), files, {"/usr/bin/sudo": 0o755})
        begun = time.process_time()
        assert read_table(table, root).status == "partial"
        seconds.append(time.process_time() - begun)
    assert seconds[1] < 30 * seconds[0], "8 times the lines; 64 times the work would be the square"


@pytest.mark.parametrize(
    ("table", "path", "text"),
    [
        ("boot_loader", "/boot/grub/grub.cfg", "\n"),
        ("boot_loader", "/boot/grub/user.cfg", " \n"),
        ("network_shares", "/etc/samba/smb.conf", "\n"),
        ("system_controls", "/etc/ufw/ufw.conf", "\n"),
        ("firewall_config", "/etc/nftables.conf", "\n"),
        ("firewall_config", "/etc/nftables.conf", "hook input;"),
        ("firewall_config", "/etc/nftables.conf", "hook input "),
    ],
)
def test_what_is_repeated_costs_linear_time(tmp_path: Path, table: str, path: str, text: str) -> None:
    """Each of these once took time by the square: minutes of a core that nobody could stop."""
    seconds = []
    for count in (20_000, 160_000):
        files = {"/boot/grub/grub.cfg": "x\n", "/usr/bin/nft": "x", path: text * count}
        root = make_root(tmp_path / str(count), files, {"/usr/bin/nft": 0o755})
        begun = time.process_time()
        read_table(table, root)
        seconds.append(time.process_time() - begun)
    assert seconds[1] < 30 * max(seconds[0], 0.01), "8 times the text; 64 times the work would be the square"


@pytest.mark.parametrize(
    ("table", "path", "line"),
    [
        ("sudo_rules", "/etc/sudoers", "@include /etc/sudoers\n"),
        ("git_settings", "/home/ayesha/.gitconfig", "[include]\npath=~/.gitconfig\n"),
    ],
)
def test_a_file_that_includes_itself_on_each_line_ends(tmp_path: Path, table: str, path: str, line: str) -> None:
    files = {path: line * 20_000, "/usr/bin/sudo": "x", "/usr/bin/git": "x"}
    root = make_root(tmp_path, files, {"/usr/bin/sudo": 0o755, "/usr/bin/git": 0o755})
    begun = time.process_time()
    assert read_table(table, root).status in ("partial", "timeout")
    assert time.process_time() - begun < 60, "a core for minutes is what this is about"


def test_more_architectures_than_there_are_is_damage(tmp_path: Path) -> None:
    stanza = "Package: bash\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n\n"
    files = {"/var/lib/dpkg/status": stanza, "/var/lib/dpkg/arch": "".join(f"a{number}\n" for number in range(10_000))}
    data = read_table(
        "pending_updates", make_root(tmp_path, {**files, "/etc/apt/sources.list": "deb http://x x main\n"})
    )
    assert (data.status, data.reason) == ("failed", "/var/lib/dpkg/arch names more architectures than there are")


# ---------------------------------------------------------------- what people see


HOSTILE_TEXT = ("\x1b", "\u202e", "\u2066", "\x07", "\r", "<script>alert(1)</script>")


def check_views(run: Run, snapshot: Snapshot) -> None:
    """Nothing hostile gets through to a person, and the documents can be read back."""
    for fmt in ("plain", "md", "html"):
        text = b"".join(render(fmt, run, None)).decode()
        for bad in HOSTILE_TEXT[:5]:
            assert bad not in text, (fmt, bad)
    assert (
        "<script>alert" not in b"".join(render("html", run, None)).decode().replace("\\u003c", "<").split("</main>")[0]
    )
    for result in run.results:
        assert "\t" not in result.check
    assert load_run(dump_run(run), "x") == run
    text = dump_snapshot(snapshot)
    assert load_snapshot(text, "x") == snapshot
    assert "\x1b" not in text
    assert "\x1b" not in dump_run(run)
    shown = terminal(run)
    for bad in HOSTILE_TEXT[:5]:
        assert bad not in shown, bad


def terminal(run: Run) -> str:
    """What the audit prints to a terminal without colours."""
    stream, old = io.StringIO(), sys.stdout
    sys.stdout = stream
    try:
        AuditView(run, Surroundings(top=400, everything=True), "never").show()
    finally:
        sys.stdout = old
    return stream.getvalue()


def test_hostile_names_and_values_are_shown_as_escapes(tmp_path: Path) -> None:
    """Through the program itself, with colours: the only ESC are those of our own colours."""
    name = b"\x1b[2J\r\n<script>alert(1)</script>[/red]\xe2\x80\xae\xff"
    root = tmp_path / "root"
    sloppy = root / "home/ayesha/.ssh"
    sloppy.mkdir(parents=True)
    (root / "etc").mkdir()
    (root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\nayesha:x:1000:1000::/home/ayesha:/bin/sh\n")
    (root / "etc/os-release").write_bytes(
        b'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="' + name.replace(b"\n", b"") + b'"\n'
    )
    bad = os.fsencode(sloppy) + b"/id_" + name.replace(b"/", b"_")
    with open(bad, "w") as stream:
        stream.write(sloppy_root.PRIVATE_KEY)
    os.chmod(bad, 0o666)
    output = tmp_path / "r.html"
    done = secaudit(
        "audit", "--root", str(root), "--all", "--format", "text", "--color", "always", "--top", "400", "-o", f"html={output}",
        "-o", f"md={tmp_path / 'r.md'}", "-o", f"json={tmp_path / 'r.json'}", state=tmp_path,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    assert "\\x1b[2J" in done.stdout
    assert "[_red]" in done.stdout
    assert "\x1b[2J" not in done.stdout
    assert "\u202e" not in done.stdout
    page = output.read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page
    assert "\x1b" not in page + (tmp_path / "r.md").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["schema"] == "secaudit.run/1"


@pytest.mark.parametrize("made", ["empty", "file", "fifo", "loop", "no-system"])
def test_what_is_no_root_file_system_is_refused(tmp_path: Path, made: str) -> None:
    """An empty folder has no faults: an audit of one would praise it."""
    place = tmp_path / "root"
    if made == "file":
        place.touch()
    elif made == "fifo":
        os.mkfifo(place)
    elif made == "loop":
        place.symlink_to("root")
    else:
        place.mkdir()
    if made == "no-system":
        (place / "Documents").mkdir()
    done = secaudit("audit", "--root", str(place), state=tmp_path)
    assert done.returncode in (2, 3), done.stdout
    assert done.stderr.startswith("error: ")
    assert "fix:" in done.stderr
