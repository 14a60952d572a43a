"""Real servers on free ports of loopback, with configurations of their own, for tests and for the bench."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from networktest import free_port
from networktest import oracle as find_oracle

PATH = "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin"
START_S = 20.0


def program(name: str) -> str:
    """Its absolute path; the test is skipped where it is not installed."""
    found = shutil.which(name, path=PATH)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@contextlib.contextmanager
def running(argv: list[str], port: int, feed: str = "") -> Iterator[int]:
    """Run a server in the foreground until its port answers, and stop it afterwards."""
    with tempfile.TemporaryFile() as log:
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        try:
            wait_for(port, child)
            yield port
        finally:
            child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(5)
            if child.poll() is None:
                child.kill()
                child.wait()


def wait_for(port: int, child: subprocess.Popen[bytes]) -> None:
    """Until somebody listens there."""
    until = time.monotonic() + START_S
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        assert child.poll() is None, f"{child.args} ended with {child.returncode}"
        time.sleep(0.05)
    raise AssertionError(f"{child.args} does not answer at {port}")


@contextlib.contextmanager
def sshd(
    folder: Path,
    lines: str,
    keys: tuple[tuple[str, ...], ...] = (("ed25519",), ("rsa", "3072")),
    before: Sequence[str] = (),
) -> Iterator[int]:
    """OpenSSH's server with its own host keys; `lines` are added to its configuration."""
    if os.geteuid() != 0:
        pytest.skip("sshd is started as root only")
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    port = free_port()
    text = f"Port {port}\nListenAddress 127.0.0.1\nUsePAM no\nPidFile none\n"
    for kind, *bits in keys:
        path = folder / f"key_{kind}_{'_'.join(bits)}"
        if not path.exists():
            size = ["-b", *bits] if bits else []
            subprocess.run([program("ssh-keygen"), "-q", "-t", kind, *size, "-N", "", "-f", str(path)], check=True)
        text += f"HostKey {path}\n"
    config = folder / f"sshd_{port}"
    config.write_text(text + lines)
    with running([*before, program("sshd"), "-D", "-e", "-f", str(config)], port):
        yield port


@contextlib.contextmanager
def redis(folder: Path, lines: str = "") -> Iterator[int]:
    port = free_port()
    config = folder / f"redis_{port}.conf"
    config.write_text(f'port {port}\nbind 127.0.0.1\nsave ""\ndir {folder}\n{lines}')
    with running([program("redis-server"), str(config)], port):
        yield port


@contextlib.contextmanager
def mosquitto(folder: Path, lines: str) -> Iterator[int]:
    port = free_port()
    config = folder / f"mosquitto_{port}.conf"
    config.write_text(f"user root\nlistener {port} 127.0.0.1\n{lines}")
    with running([program("mosquitto"), "-c", str(config)], port):
        yield port


@contextlib.contextmanager
def vsftpd(folder: Path, lines: str) -> Iterator[int]:
    if os.geteuid() != 0:
        pytest.skip("vsftpd is started as root only")
    Path("/var/run/vsftpd/empty").mkdir(parents=True, exist_ok=True)
    port = free_port()
    config = folder / f"vsftpd_{port}.conf"
    config.write_text(f"listen=YES\nlisten_address=127.0.0.1\nlisten_port={port}\nbackground=NO\n{lines}")
    with running([program("vsftpd"), str(config)], port):
        yield port


@contextlib.contextmanager
def memcached() -> Iterator[int]:
    port = free_port()
    with running([program("memcached"), "-u", "nobody", "-l", "127.0.0.1", "-p", str(port), "-U", "0"], port):
        yield port


@contextlib.contextmanager
def rsyncd(folder: Path, lines: str) -> Iterator[int]:
    port = free_port()
    config = folder / f"rsyncd_{port}.conf"
    config.write_text(f"port = {port}\naddress = 127.0.0.1\nuse chroot = no\n{lines}")
    with running([program("rsync"), "--daemon", "--no-detach", f"--config={config}"], port):
        yield port


@contextlib.contextmanager
def samba(folder: Path, lines: str) -> Iterator[int]:
    if os.geteuid() != 0:
        pytest.skip("smbd is started as root only")
    port = free_port()
    own = folder / f"samba_{port}"
    own.mkdir()
    places = ("private dir", "lock directory", "state directory", "cache directory", "pid directory", "ncalrpc dir")
    config = own / "smb.conf"
    config.write_text(
        f"[global]\nsmb ports = {port}\ninterfaces = 127.0.0.1/8\nbind interfaces only = yes\ndisable spoolss = yes\n"
        + "".join(f"{place} = {own}\n" for place in places)
        + lines
    )
    with running([program("smbd"), "-F", "--no-process-group", "-s", str(config), "-l", str(own)], port):
        yield port


@contextlib.contextmanager
def influxd(folder: Path, lines: str = "") -> Iterator[int]:
    port, other = free_port(), free_port()
    config = folder / f"influx_{port}.conf"
    own = folder / f"influx_{port}"
    config.write_text(
        f'reporting-disabled = true\nbind-address = "127.0.0.1:{other}"\n[meta]\ndir = "{own}/meta"\n'
        f'[data]\ndir = "{own}/data"\nwal-dir = "{own}/wal"\n[http]\nbind-address = "127.0.0.1:{port}"\n{lines}'
    )
    with running([program("influxd"), "-config", str(config)], port):
        yield port


@contextlib.contextmanager
def etcd(folder: Path) -> Iterator[int]:
    port, other = free_port(), free_port()
    client, peer = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{other}"
    argv = [program("etcd"), "--data-dir", str(folder / f"etcd_{port}"), "--listen-client-urls", client,
            "--advertise-client-urls", client, "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", f"default={peer}"]  # fmt: skip
    with running(argv, port):
        yield port


@contextlib.contextmanager
def display(*options: str) -> Iterator[int]:
    """An X server that listens on the network."""
    for number in range(70, 90):
        port = 6000 + number
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                continue
        with running([program("Xvfb"), f":{number}", "-listen", "tcp", "-nolisten", "unix", *options], port):
            yield port
        return
    pytest.skip("no free display number")


@contextlib.contextmanager
def vnc(*options: str) -> Iterator[int]:
    port = free_port()
    argv = [
        program("Xvnc"),
        f":{port % 1000 + 100}",
        "-rfbport",
        str(port),
        "-localhost",
        "-nolisten",
        "unix",
        *options,
    ]
    with running(argv, port):
        yield port


@contextlib.contextmanager
def dropbear(folder: Path) -> Iterator[int]:
    port = free_port()
    keys: list[str] = []
    for kind in ("rsa", "ed25519"):
        path = folder / f"dropbear_{kind}"
        if not path.exists():
            subprocess.run([program("dropbearkey"), "-t", kind, "-f", str(path)], check=True, capture_output=True)
        keys += ["-r", str(path)]
    with running([program("dropbear"), "-F", "-E", "-p", f"127.0.0.1:{port}", "-P", str(folder / "pid"), *keys], port):
        yield port


def oracle(name: str) -> str:
    """A judge in the venv of its own; the test is skipped where it is missing."""
    found = find_oracle(name)
    if not found.exists():
        pytest.skip(f"{found} is missing: scripts/make-oracles.sh makes it")
    return str(found)
