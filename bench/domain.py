"""One domain on a DNS server of this machine: time, questions and facts beside checkdmarc."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.measure import in_turn, show
from bench.places import ORACLES
from secaudit.faults.dns_faults import DOMAIN, SELECTOR, serve

HERE = Path(__file__).resolve().parent.parent
ORACLE = ORACLES / "python"
ROUNDS = 5

ASK = """
import logging, sys
logging.disable(logging.CRITICAL)
import dns.resolver
from checkdmarc.bimi import query_bimi_record
from checkdmarc.dmarc import check_dmarc
from checkdmarc.mta_sts import query_mta_sts_record
from checkdmarc.smtp_tls_reporting import check_smtp_tls_reporting
from checkdmarc.spf import check_spf
domain, host, port = sys.argv[1:4]
resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers, resolver.port, resolver.lifetime = [host], int(port), 5
found = [check_spf(domain, resolver=resolver), check_dmarc(domain, resolver=resolver)]
found += [ask(domain, resolver=resolver) for ask in (query_mta_sts_record, check_smtp_tls_reporting, query_bimi_record)]
"""


def run() -> None:
    """Measure and print."""
    with serve() as server, tempfile.TemporaryDirectory() as folder:
        host, port = server.address
        ours = [
            sys.executable, "-m", "secaudit", "audit", "--domain", DOMAIN, "--resolver", f"{host}:{port}",
            "--selector", SELECTOR, "--i-may-scan", "--no-save", "--format", "json",
        ]  # fmt: skip
        commands: dict[str, Sequence[str]] = {"secaudit audit --domain": ours}
        if ORACLE.is_file():
            commands["checkdmarc"] = [str(ORACLE), "-c", ASK, DOMAIN, host, str(port)]
        figures = in_turn(commands, ROUNDS)
        show("One domain, DNS on loopback", figures, "secaudit audit --domain")
        for name, argv in commands.items():
            before = len(server.asked)
            begun = time.perf_counter()
            done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=folder)
            asked = server.asked[before:]
            facts = _facts(done.stdout) if name.startswith("secaudit") else "SPF, DMARC, MTA-STS record, TLS-RPT, BIMI"
            spent = time.perf_counter() - begun
            print(f"  {name:<34} {len(asked)} questions ({len(set(asked))} different) in {spent:.2f} s: {facts}")
    if not ORACLE.is_file():
        print(f"  checkdmarc is not installed in {ORACLE.parents[1]}")


def _facts(text: str) -> str:
    """How many checks were answered."""
    return ", ".join(f"{count} {status}" for status, count in json.loads(text)["counts"].items())
