from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from secaudit.tables.host._sockets import scope
from tabletest import make_root, read_table, rows


def test_our_own_socket_is_found_with_its_process() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        row = next(row for row in rows("listening_ports") if row["port"] == port)
    assert (row["protocol"], row["family"], row["address"], row["address_scope"]) == (
        "tcp",
        "ipv4",
        "127.0.0.1",
        "loopback",
    )
    assert row["pid"] == os.getpid()
    assert row["uid"] == os.getuid()


def test_without_root_all_ports_are_there_and_only_the_process_is_unknown(
    as_nobody: Callable[[Callable[[], list[dict[str, str | int | None]]]], list[dict[str, str | int | None]]],
) -> None:
    program = "import socket, time; s = socket.create_server(('127.0.0.1', 0)); print(s.getsockname()[1], flush=True); time.sleep(30)"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as other:
        try:
            assert other.stdout is not None
            port = int(other.stdout.readline())
            assert next(row for row in rows("listening_ports") if row["port"] == port)["pid"] == other.pid
            row = next(row for row in as_nobody(lambda: rows("listening_ports")) if row["port"] == port)
        finally:
            other.kill()
    assert row["pid"] is None or os.geteuid() != 0
    assert row["uid"] == os.getuid()


@pytest.mark.skipif(shutil.which("ss") is None, reason="ss is not installed")
def test_the_same_sockets_as_ss() -> None:
    with ExitStack() as stack:
        for family, kind, address in (
            (socket.AF_INET, socket.SOCK_STREAM, "0.0.0.0"),
            (socket.AF_INET, socket.SOCK_DGRAM, "127.0.0.1"),
            (socket.AF_INET6, socket.SOCK_STREAM, "::1"),
            (socket.AF_INET6, socket.SOCK_DGRAM, "::"),
        ):
            one = stack.enter_context(socket.socket(family, kind))
            one.bind((address, 0))
            if kind == socket.SOCK_STREAM:
                one.listen()
        ours = {(row["protocol"], row["address"], row["port"]) for row in rows("listening_ports")}
        lines = subprocess.run(["ss", "-tulnH"], capture_output=True, text=True, check=True).stdout.splitlines()
    theirs = set()
    for line in lines:
        words = line.split()
        address, _, port = words[4].rpartition(":")
        address = re.sub(r"%\w+", "", address).strip("[]")
        theirs.add((words[0], {"*": "::"}.get(address, address), int(port)))
    assert ours == theirs


def test_a_mounted_tree_has_no_sockets(tmp_path: Path) -> None:
    assert read_table("listening_ports", make_root(tmp_path, {})).status == "unsupported"


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("0.0.0.0", "any"),
        ("::", "any"),
        ("127.0.0.53", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:8.8.8.8", "public"),
        ("192.168.1.7", "private"),
        ("100.64.3.1", "private"),
        ("fd00::1", "private"),
        ("fe80::1%eth0", "link-local"),
        ("169.254.1.1", "link-local"),
        ("224.0.0.251", "multicast"),
        ("8.8.8.8", "public"),
        ("printer.local", "unknown"),
    ],
)
def test_scopes_of_addresses(address: str, kind: str) -> None:
    assert scope(address) == kind
