"""SSH servers and network services against peers, over servers on loopback: OpenSSH, Redis, memcached, Mosquitto, FTP.

Times are of whole processes, so they are ratios in one run on one machine. Loopback has no way to travel: over a real
line each connection costs at least two round trips. So connections are counted as well.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.measure import find, in_turn, show
from bench.places import ORACLES

HERE = Path(__file__).resolve().parent.parent
BUDGET = "3 times as fast as the fastest peer that sees as much"
ROUNDS = 3
PORTS = 1000


def run() -> None:
    """Measure and print; what is missing is named."""
    print(f"\nSSH and services  ({BUDGET})")
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        ssh = _sshd(stack, folder)
        services = _services(stack, folder)
        if ssh is not None:
            _ssh(ssh)
        _scan()
        if services:
            _guess(services)


def _audit(ports: str, *more: str) -> list[str]:
    return [sys.executable, "-m", "secaudit", "audit", "--network", "127.0.0.1", "--ports", ports, "--i-may-scan",
            "--active", "--no-save", *more]  # fmt: skip


def _ssh(port: int) -> None:
    with _counting(port) as (counted, count):
        ours = "secaudit, 20 checks"
        commands: dict[str, Sequence[str]] = {ours: _audit(str(counted), "--only", "ssh-service-*")}
        program = ORACLES / "ssh-audit"
        if program.exists():
            commands["ssh-audit"] = [str(program), "--skip-rate-test", "-p", str(counted), "127.0.0.1"]
        if nmap := find("nmap"):
            scripts = "+ssh2-enum-algos,+ssh-hostkey,+ssh-auth-methods"
            commands["nmap, 3 scripts"] = [
                nmap,
                "-n",
                "-Pn",
                "-sT",
                "-p",
                str(counted),
                "--script",
                scripts,
                "127.0.0.1",
            ]
        numbers = {}
        for name, argv in commands.items():
            before = count[0]
            subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            numbers[name] = count[0] - before
        show("SSH: algorithms, sizes, groups", in_turn(commands, ROUNDS), ours)
    print("  connections: " + ", ".join(f"{name} {number}" for name, number in numbers.items()))
    print(f"  the asking alone, without start and report: {_asking(port):.2f} s, pauses between connections included")


def _asking(port: int) -> float:
    """The tables of SSH in this process, which is what a bigger audit adds for one more server."""
    from secaudit.engine.collect import collect
    from secaudit.engine.registry import load_table
    from secaudit.model import Consent
    from secaudit.tableapi import Wants
    from secaudit.targets.network.access import NetworkAccess
    from secaudit.targets.network.gate import Named

    names = ("ssh_server", "ssh_algorithms", "ssh_host_keys", "ssh_group_exchange")
    best = 1e9
    for _ in range(ROUNDS):
        access = NetworkAccess(
            Named("network", hosts=("127.0.0.1",), ports=(port,)), Consent(local=True, level="active")
        )
        begun = time.perf_counter()
        collect(access, [load_table(name) for name in names], Wants(()), 0, jobs=8)
        best = min(best, time.perf_counter() - begun)
    return best


def _scan() -> None:
    first = 20_000
    ports = f"{first}-{first + PORTS - 1}"
    commands: dict[str, Sequence[str]] = {f"secaudit, {PORTS} ports": _audit(ports, "--only", "net-ports-few")}
    if nmap := find("nmap"):
        commands[f"nmap -sT, {PORTS} ports"] = [nmap, "-n", "-Pn", "-sT", "-p", ports, "127.0.0.1"]
    show(f"{PORTS} ports", in_turn(commands, ROUNDS), next(iter(commands)))
    print(f"  the trying alone, without start and report: {_trying(range(first, first + PORTS)):.3f} s")


def _trying(ports: Sequence[int]) -> float:
    """The scan in this process."""
    from secaudit.targets.network.portscan import scan

    best = 1e9
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        scan("127.0.0.1", ports, 1.0, 0, 30.0)
        best = min(best, time.perf_counter() - begun)
    return best


def _guess(ports: Sequence[int]) -> None:
    text = ",".join(map(str, ports))
    commands: dict[str, Sequence[str]] = {"secaudit, asked": _audit(text, "--only", "net-versions-supported")}
    if nmap := find("nmap"):
        commands["nmap -sV"] = [nmap, "-n", "-Pn", "-sT", "-sV", "-p", text, "127.0.0.1"]
    show(f"Who answers at {len(ports)} ports", in_turn(commands, 1), next(iter(commands)))


# ---------------------------------------------------------------- servers


def _free() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def _start(stack: contextlib.ExitStack, argv: Sequence[str], port: int) -> bool:
    child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stack.callback(child.wait)
    stack.callback(child.terminate)
    until = time.monotonic() + 10
    while time.monotonic() < until and child.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        time.sleep(0.05)
    print(f"  {argv[0]} did not start")
    return False


def _sshd(stack: contextlib.ExitStack, folder: Path) -> int | None:
    program, keygen = find("sshd"), find("ssh-keygen")
    if program is None or keygen is None or os.geteuid() != 0:
        print("  sshd is missing, or this is not root")
        return None
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    port = _free()
    lines = f"Port {port}\nListenAddress 127.0.0.1\nUsePAM no\nPidFile none\n"
    for kind in ("ed25519", "rsa", "ecdsa"):
        subprocess.run([keygen, "-q", "-t", kind, "-N", "", "-f", str(folder / kind)], check=True)
        lines += f"HostKey {folder / kind}\n"
    config = folder / "sshd_config"
    config.write_text(lines, encoding="utf-8")
    return port if _start(stack, [program, "-D", "-f", str(config)], port) else None


def _services(stack: contextlib.ExitStack, folder: Path) -> list[int]:
    found = []
    for name in ("redis-server", "memcached", "mosquitto", "vsftpd"):
        program = find(name)
        port = _free()
        if program is None:
            print(f"  {name} is missing")
            continue
        config = folder / f"{name}.conf"
        text = {
            "mosquitto": f"user root\nlistener {port} 127.0.0.1\nallow_anonymous true\n",
            "vsftpd": f"listen=YES\nlisten_address=127.0.0.1\nlisten_port={port}\nbackground=NO\nlocal_enable=YES\n",
        }
        config.write_text(text.get(name, ""), encoding="utf-8")
        argv = {
            "redis-server": [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)],
            "memcached": [program, "-u", "nobody", "-l", "127.0.0.1", "-p", str(port)],
            "mosquitto": [program, "-c", str(config)],
            "vsftpd": [program, str(config)],
        }[name]
        if _start(stack, argv, port):
            found.append(port)
    return found


@contextlib.contextmanager
def _counting(port: int) -> Iterator[tuple[int, list[int]]]:
    """A port that passes everything on, and the number of connections so far."""
    count = [0]
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def serve(client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", port)) as server:
            back = threading.Thread(target=pump, args=(server, client), daemon=True)
            back.start()
            pump(client, server)
            back.join(10)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                count[0] += 1
                threading.Thread(target=serve, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1], count
    finally:
        listener.close()
