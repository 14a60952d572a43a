"""A private apt: archives, lists, pins and packages made on the spot, so that apt itself can be the judge of tables."""

from __future__ import annotations

import hashlib
import os
import random
import re
import subprocess
from pathlib import Path

PACKAGES = ("aaa", "bbb", "ccc", "lib-d")
VERSIONS = ("1.0-1", "1.0-1+deb12u1", "1.1-1", "2.0~rc1-1", "2.0-1", "1:0.9-1")
SUITES = {
    "bookworm": ("Debian", "Debian", "stable", "bookworm", ""),
    "bookworm-security": ("Debian", "Debian-Security", "stable-security", "bookworm-security", ""),
    "bookworm-backports": (
        "Debian Backports",
        "Debian Backports",
        "stable-backports",
        "bookworm-backports",
        "NotAutomatic: yes\nButAutomaticUpgrades: yes\n",
    ),
    "experimental": ("Debian", "Debian", "experimental", "rc-buggy", "NotAutomatic: yes\n"),
    "thirdparty": ("Acme", "Acme", "all", "all", ""),
}
PIN_PACKAGES = ("*", "*", "aaa", "bbb", "ccc", "lib-*", "aaa bbb", "/^[ab]/")
PINS = (
    "release a=stable",
    "release n=bookworm-backports",
    "release o=Acme",
    "release l=Debian-Security",
    "release o=Debian,a=stable*",
    "release rc-buggy",
    "version 1.*",
    "version 2.0-1",
    "release n=/book.*/",
    "release c=main",
)


def stanza(name: str, version: str, arch: str = "amd64") -> str:
    return (
        f"Package: {name}\nVersion: {version}\nArchitecture: {arch}\nMaintainer: x\nDescription: x\n"
        f"Filename: pool/{name}_{version}.deb\nSize: 1\nSHA256: {'0' * 64}\n\n"
    )


def status(name: str, version: str, wanted: str = "install", arch: str = "amd64", state: str = "installed") -> str:
    return (
        f"Package: {name}\nStatus: {wanted} ok {state}\nMaintainer: x\nArchitecture: {arch}\n"
        f"Version: {version}\nDescription: x\n\n"
    )


class PrivateApt:
    """A root folder with apt's files, archives beside it, and a way to run apt on them."""

    def __init__(self, base: Path) -> None:
        self.base, self.root, self.archive = base, base / "root", base / "archive"
        for folder in (
            "etc/apt/apt.conf.d",
            "etc/apt/preferences.d",
            "var/lib/apt/lists/partial",
            "var/lib/dpkg",
            "var/cache/apt/archives/partial",
        ):
            (self.root / folder).mkdir(parents=True)
        (self.root / "etc/os-release").write_text('ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n')
        self.sources: list[str] = []

    def add_suite(self, suite: str, packages: list[tuple[str, str]]) -> None:
        origin, label, name, codename, extra = SUITES[suite]
        folder = self.archive / "dists" / suite
        (folder / "main/binary-amd64").mkdir(parents=True)
        text = "".join(stanza(package, version) for package, version in packages)
        (folder / "main/binary-amd64/Packages").write_text(text)
        digest = hashlib.sha256(text.encode()).hexdigest()
        (folder / "Release").write_text(
            f"Origin: {origin}\nLabel: {label}\nSuite: {name}\nCodename: {codename}\nVersion: 12\n"
            f"Date: Sat, 21 Nov 2026 00:53:02 UTC\nArchitectures: amd64\nComponents: main\n{extra}"
            f"SHA256:\n {digest} {len(text)} main/binary-amd64/Packages\n"
        )
        self.sources.append(f"deb [trusted=yes] copy:{self.archive} {suite} main\n")

    def finish(self, installed: str, preferences: str = "", conf: str = "", compressed: bool = False) -> None:
        """Write the rest, and let apt fetch its lists."""
        (self.root / "etc/apt/sources.list").write_text("".join(self.sources))
        (self.root / "var/lib/dpkg/status").write_text(status("dpkg", "1.21") + installed)
        (self.root / "etc/apt/preferences").write_text(preferences)
        (self.root / "etc/apt/apt.conf").write_text(conf)
        (self.base / "apt.cfg").write_text(
            f'Dir "{self.root}"; Dir::State::status "{self.root}/var/lib/dpkg/status"; APT::Architecture "amd64";\n'
            'APT::Architectures { "amd64"; }; Dir::Etc::trusted "/dev/null"; APT::Sandbox::User "root";\n'
            f'Acquire::Languages "none"; Acquire::GzipIndexes "{str(compressed).lower()}";\n'
        )
        done = self.run("apt-get", "update")
        assert done.returncode == 0, done.stderr

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        environment = os.environ | {"LC_ALL": "C", "APT_CONFIG": str(self.base / "apt.cfg")}
        return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60, check=False)

    def candidates(self) -> dict[str, tuple[str, str]]:
        """Package -> (installed, candidate), as `apt-cache policy` says."""
        out = self.run("apt-cache", "policy", *PACKAGES).stdout
        found = re.findall(r"^(\S+):\n  Installed: (\S+)\n  Candidate: (\S+)", out, re.MULTILINE)
        return {name: (installed, candidate) for name, installed, candidate in found}


def random_apt(base: Path, seed: int) -> PrivateApt:
    """A private apt with random archives, packages, holds, pins and default release."""
    rnd = random.Random(seed)
    apt = PrivateApt(base)
    for suite in SUITES:
        apt.add_suite(suite, [(p, v) for p in PACKAGES for v in rnd.sample(VERSIONS, rnd.randint(0, 2))])
    installed = "".join(status(p, rnd.choice(VERSIONS), rnd.choice(("install", "install", "hold"))) for p in PACKAGES)
    pins = "".join(
        f"Package: {rnd.choice(PIN_PACKAGES)}\nPin: {rnd.choice(PINS)}\n"
        f"Pin-Priority: {rnd.choice((-1, 1, 50, 100, 101, 400, 500, 600, 990, 1001))}\n\n"
        for _ in range(rnd.randint(0, 4))
    )
    default = rnd.choice(("", "", "stable", "bookworm-backports", "all"))
    conf = f'APT::Default-Release "{default}";\n' if default else ""
    apt.finish(installed, pins, conf, compressed=rnd.random() < 0.5)
    return apt
