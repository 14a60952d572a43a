"""Real sshd programs to compare with: the one of this machine and those of Debian roots, where they are."""

from __future__ import annotations

import os
import re
import subprocess
from collections import Counter
from pathlib import Path

from debian_roots import ROOTS

NAMES = {
    "hostbasedacceptedkeytypes": "hostbasedacceptedalgorithms",
    "pubkeyacceptedkeytypes": "pubkeyacceptedalgorithms",
}
LEFT_OUT = ("hostkey", "challengeresponseauthentication", "rdomain", "agentsocketpath")
SPELLINGS = {"true": "yes", "false": "no", "without-password": "prohibit-password"}


class RealSshd:
    """An sshd that can be asked what it makes of a configuration. Nothing is written into a root."""

    def __init__(self, name: str, command: list[str], binary: Path) -> None:
        self.name = name
        self._command = command
        match = max(re.findall(rb"(?<![ -~])OpenSSH_(\d[ -)+-~]{0,60})\0", binary.read_bytes()), key=len)
        self.banner = b"\0OpenSSH_" + match + b"\0"
        """What the program says its version is, as bytes for a stand-in program of a test root."""

    def __repr__(self) -> str:
        return self.name

    def ask(self, config: Path, host_key: Path, connection: str = "") -> Counter[tuple[str, str]] | None:
        """The effective settings, None when sshd refuses the configuration."""
        command = [*self._command, "-T", "-f", str(config), "-h", str(host_key)]
        if connection:
            command += ["-C", connection]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={"LC_ALL": "C"})
        if done.returncode != 0:
            return None
        found: Counter[tuple[str, str]] = Counter()
        for line in done.stdout.splitlines():
            keyword, _, value = line.partition(" ")
            keyword = NAMES.get(keyword.lower(), keyword.lower())
            value = value.replace(".000000", "").replace(" max-pk-ok:6", "")  # 10.3 and 10.6
            if keyword not in LEFT_OUT:
                found[keyword, SPELLINGS.get(value, value)] += 1
        return found


def real_sshds() -> list[RealSshd]:
    """This machine's sshd, and those of the Debian roots run by their own loader, so that test files stay outside."""
    found = []
    if Path("/usr/sbin/sshd").exists() and os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # sshd -T wants it, systemd would make it
        found.append(RealSshd("here", ["/usr/sbin/sshd"], Path("/usr/sbin/sshd")))
        for suite, root in ROOTS.items():
            libraries = next((root / "usr/lib").glob("*-linux-gnu"), root)
            sshd = root / "usr/sbin/sshd"
            loaders = [path for path in sorted(libraries.glob("ld-*.so*")) if path.exists() and not path.is_symlink()]
            if loaders and sshd.exists():
                command = [str(loaders[0]), "--library-path", str(libraries), str(sshd)]
                found.append(RealSshd(suite, command, sshd))
    return found
