"""A throw-away copy of a Debian root, and a shell in it. Runs in namespaces of its own (see worker.py).

Nothing leaves the copy: no network, /proc/sys is read-only, and the rights to load modules, restart, mount or set the
clock are gone. No daemon runs, so `systemctl enable` works and `systemctl restart` says that it is in a chroot.
"""

from __future__ import annotations

import os
import select
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

PASSWORD = "paste-me"
"""Of ayesha; set by scripts/make-fix-root.sh."""

ASKPASS = "/usr/local/lib/fixes-askpass"
"""What sudo and ssh-keygen ask for a password, since there is no terminal."""

DROPPED = "sys_module,sys_boot,sys_time,sys_rawio,sys_admin,syslog,bpf,perfmon,mac_admin,mac_override"
TIMEOUT_S = 300
DEVICES = ("null", "zero", "full", "random", "urandom")

_EDITOR = """#!/bin/sh
for f; do :; done
sed -i -E -f - "$f" <<'EOF'
{}
EOF
touch -d '2 seconds' "$f"  # some programs look only at whole seconds to see whether a file was changed
"""

NOTE_FAILURES = 'trap \'printf "%s\\t%s\\n" "$?" "${BASH_COMMAND//$\'\\n\'/ }" >&9\' ERR\n'
"""bash tells of each command that failed and that nothing asked about, bash(1), trap."""


@dataclass(frozen=True, slots=True)
class Shell:
    """What a shell text did."""

    output: str
    """stdout and stderr."""
    failed: tuple[str, ...]
    """The commands that failed, each with its exit code in front."""
    timed_out: bool = False
    exit_code: int = 0
    """Of the whole text, so of its last command: a script takes any other than 0 for a failed step."""


def mount(*arguments: str) -> None:
    done = subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"mount {' '.join(arguments)}: {done.stderr.strip()}")


class FixRoot:
    """One copy, mounted below `scratch`; gone after the `with` block."""

    def __init__(self, base: Path, scratch: Path) -> None:
        self.base = base.resolve()
        self.top = scratch / "copy"
        self.upper = self.top / "upper"
        self.inside = self.top / "root"
        self.view = self.top / "view"
        """The same files without /proc and /dev: what an audit of a mounted file system sees."""
        self.is_overlay = True

    def __enter__(self) -> FixRoot:
        try:
            self._make()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _make(self) -> None:
        socket.sethostname("fixes")  # of this namespace; sudo looks it up in /etc/hosts of the copy
        work = self.top / "work"
        for folder in (self.upper, work, self.inside, self.view):
            folder.mkdir(parents=True)
        try:
            self._mount_overlay(work)
        except OSError:  # a kernel or container that does not allow it
            self.is_overlay = False
            subprocess.run(["cp", "-a", "--reflink=auto", f"{self.base}/.", f"{self.inside}/"], check=True)
            mount("--bind", f"{self.inside}", f"{self.inside}")
        mount("--bind", f"{self.inside}", f"{self.view}")
        proc = self.inside / "proc"
        mount("-t", "proc", "proc", f"{proc}")
        if (proc / "sysrq-trigger").exists():
            mount("--bind", "/dev/null", f"{proc}/sysrq-trigger")
        mount("--bind", f"{proc}/sys", f"{proc}/sys")
        mount("-o", "remount,bind,ro", f"{proc}/sys")
        self._make_devices()
        (self.inside / "run/sshd").mkdir(mode=0o755, exist_ok=True)  # systemd makes it when it starts the service
        self._install(ASKPASS, f"#!/bin/sh\necho {PASSWORD}\n")

    def _mount_overlay(self, work: Path) -> None:
        if os.environ.get("FIXES_COPY") == "cp":
            raise OSError("not wanted")
        places = f"lowerdir={self.base},upperdir={self.upper},workdir={work}"
        mount("-t", "overlay", "-o", places, "fixes", f"{self.inside}")

    def __exit__(self, *_: object) -> None:
        for place in (self.view, self.inside):
            subprocess.run(["umount", "--lazy", "--recursive", f"{place}"], capture_output=True, check=False)
        shutil.rmtree(self.top)

    def _make_devices(self) -> None:
        folder = self.inside / "dev"
        for name in DEVICES:
            place = folder / name
            if not place.exists():
                place.touch()
            mount("--bind", f"/dev/{name}", f"{place}")
        (folder / "pts").mkdir(exist_ok=True)
        mount("-t", "devpts", "-o", "newinstance,ptmxmode=0666", "devpts", f"{folder}/pts")
        for name, goal in {"fd": "fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}.items():
            if not (folder / name).is_symlink():
                (folder / name).symlink_to(f"/proc/self/{goal}")
        if not (folder / "ptmx").is_symlink():
            (folder / "ptmx").unlink(missing_ok=True)
            (folder / "ptmx").symlink_to("pts/ptmx")

    def _install(self, path: str, text: str) -> None:
        place = self.inside / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
        place.chmod(0o755)

    def set_editor(self, sed_script: str) -> None:
        """What every editor does from now on."""
        self._install("/usr/local/lib/fixes-editor", _EDITOR.format(sed_script))
        for name in ("editor", "nano", "vi"):
            place = self.inside / "usr/bin" / name
            place.unlink(missing_ok=True)
            place.symlink_to("/usr/local/lib/fixes-editor")

    def changed(self) -> list[str] | None:
        """The files that differ from the base; None when that is not known."""
        if not self.is_overlay:
            return None
        return [
            f"{Path(folder, name)}"[len(f"{self.upper}") :]
            for folder, _, names in os.walk(self.upper)
            for name in names
        ]

    def run(self, text: str, user: str = "root", answers: str = "", session: bool = False) -> Shell:
        """Give the text to a shell as if it was pasted: a command that reads its input eats the lines that follow."""
        shell = f"{'dbus-run-session -- ' if session else ''}bash --norc -s"
        failures_read, failures_write = os.pipe()
        home = "/root" if user == "root" else f"/home/{user}"
        path = "/usr/local/bin:/usr/bin:/bin"
        environment = {
            "HOME": home,
            "USER": user,
            "LOGNAME": user,
            "PATH": f"/usr/local/sbin:/usr/sbin:/sbin:{path}" if user == "root" else path,
            "LANG": "C.UTF-8",
            "SHELL": "/bin/bash",
            "TERM": "xterm",
            "DISPLAY": ":0",  # sudo asks the program below only when there is one
            "SUDO_ASKPASS": ASKPASS,
            "SSH_ASKPASS": ASKPASS,
        }
        argv = [
            "setpriv", f"--bounding-set=-{DROPPED.replace(',', ',-')}", "chroot", f"--userspec={user}", f"{self.inside}",
            "/usr/bin/env", "-i", "-C", home, *(f"{name}={value}" for name, value in environment.items()),
            "bash", "-c", f"exec 9>&{failures_write} {failures_write}>&-; exec {shell}",
        ]  # fmt: skip
        process = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=(failures_write,),
            start_new_session=True,
        )
        os.close(failures_write)
        assert process.stdin is not None
        if answers:  # a terminal drops what was typed ahead when a command asks, so comments after it do not count
            text = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
        process.stdin.write(f"{NOTE_FAILURES}{text}\n{answers}".encode())
        process.stdin.close()
        output, timed_out = _read_all(process, TIMEOUT_S)
        process.wait()
        os.set_blocking(failures_read, False)
        try:
            failures = os.read(failures_read, 65536).decode("utf-8", "replace")
        except BlockingIOError:  # something that was left running still holds it
            failures = ""
        os.close(failures_read)
        failed = tuple(line for line in failures.splitlines() if line)
        return Shell(output, failed, timed_out, process.returncode)


def _read_all(process: subprocess.Popen[bytes], timeout_s: float) -> tuple[str, bool]:
    """The output until the shell ends; what it left running in the background is not waited for."""
    assert process.stdout is not None
    stream, parts, deadline = process.stdout.fileno(), [], time.monotonic() + timeout_s
    while True:
        ready, _, _ = select.select([stream], [], [], 0.05)
        if ready:
            part = os.read(stream, 65536)
            if not part:
                break
            parts.append(part)
        elif process.poll() is not None:
            break
        if time.monotonic() > deadline:
            process.kill()
            return b"".join(parts).decode("utf-8", "replace"), True
    process.stdout.close()
    return b"".join(parts).decode("utf-8", "replace"), False
