"""Measure what a real sshd knows: the source of the facts in `tables/host/_sshd_defaults.py`.

Run it by hand when a new OpenSSH is to be added, on copies of roots, for example
`sshd_facts.py 10.0=/tmp/copy-of-trixie=/usr/sbin/sshd`. `test_sshd_config.py` compares the facts with the sshd of this
machine and of the roots that are there.
"""

from __future__ import annotations

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

LISTS = {
    "ciphers": "cipher",
    "macs": "mac",
    "kexalgorithms": "kex",
    "hostkeyalgorithms": "key",
    "casignaturealgorithms": "signature",
}


def run(sshd: list[str], *arguments: str) -> tuple[int, str, str]:
    done = subprocess.run([*sshd, *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def effective(sshd: list[str], *arguments: str) -> list[tuple[str, str]]:
    """The lines of `sshd -T`, keywords in lower case, spelled alike for all versions."""
    code, out, err = run(sshd, "-T", *arguments)
    if code != 0:
        raise ValueError(err)
    pairs = []
    for line in out.splitlines():
        keyword, _, value = line.partition(" ")
        pairs.append((keyword.lower(), value))
    return pairs


def words(sshd_binary: Path) -> list[str]:
    """Everything in the program that could be a keyword."""
    found = re.findall(rb"(?<![\x20-\x7e])([A-Za-z][A-Za-z0-9]{3,40})\0", sshd_binary.read_bytes())
    return sorted({word.decode().lower() for word in found} | {"port", "match"})  # stored as ends of other words


def keyword_state(sshd: list[str], keyword: str) -> str | None:
    """How sshd takes the keyword: `set`, `ignored`, or None when it refuses it."""
    _, _, err = run(sshd, "-T", "-f", "/dev/null", "-o", f"{keyword}=yes")
    if "Bad configuration option" in err:
        return None
    if "Deprecated option" in err or "Unsupported option" in err or keyword == "protocol":
        return "ignored"
    return "set"


def allowed_in_match(sshd: list[str], root: Path, keyword: str) -> bool:
    name = f"/tmp/secaudit-{keyword}.conf"
    path = Path(str(root) + name)
    path.write_text(f"Match user nobody-at-all\n{keyword} yes\n")
    try:
        _, _, err = run(sshd, "-T", "-f", name)
    finally:
        path.unlink()
    return "not allowed" not in err


def algorithms(sshd: list[str], keyword: str, candidates: set[str]) -> list[str]:
    """Every name that sshd accepts in this list."""
    if keyword in ("hostkeyalgorithms", "casignaturealgorithms"):
        found = dict(effective(sshd, "-f", "/dev/null", "-o", f"{keyword}=*"))
        return found[keyword].split(",")
    with ThreadPoolExecutor(4) as pool:
        good = pool.map(lambda name: run(sshd, "-T", "-f", "/dev/null", "-o", f"{keyword}={name}")[0] == 0, candidates)
        return sorted(name for name, ok in zip(candidates, good, strict=True) if ok)


def measure(root: Path, path: str, names: set[str], texts: set[str]) -> dict[str, object]:
    """What one sshd says about keywords, defaults and algorithms."""
    sshd = ["chroot", str(root), path] if str(root) not in ("", ".", "/") else [path]

    def states_of(words: list[str]) -> dict[str, str | None]:
        return dict(zip(words, pool.map(lambda name: keyword_state(sshd, name), words), strict=True))

    with ThreadPoolExecutor(4) as pool:
        states = states_of(sorted(names))
        known = [name for name, state in states.items() if state]
        # A linker stores `banner` as the end of `debianbanner`, so ends of keywords are tried as well.
        states |= states_of(sorted({name[at:] for name in known for at in range(1, len(name) - 3)} - set(known)))
        known = sorted(name for name, state in states.items() if state)
        inside = dict(zip(known, pool.map(lambda name: allowed_in_match(sshd, root, name), known), strict=True))
    return {
        "defaults": effective(sshd, "-f", "/dev/null"),
        "keywords": {name: (states[name], inside[name]) for name in known},
        "algorithms": {kind: algorithms(sshd, keyword, texts) for keyword, kind in LISTS.items()},
    }


def main() -> None:
    """Each argument: VERSION=ROOT=PATH_OF_SSHD. Prints a Python dictionary."""
    versions = [argument.split("=") for argument in sys.argv[1:]]
    names: set[str] = set()
    texts: set[str] = set()
    for _, root, path in versions:
        binary = Path(root + path)
        names.update(words(binary))
        texts.update(
            text.decode()
            for text in re.findall(rb"(?<![\x20-\x7e])([a-z0-9][a-z0-9@.-]{4,40})\0", binary.read_bytes())
            if b"-" in text or b"@" in text
        )
    facts = {version: measure(Path(root), path, names, texts) for version, root, path in versions}
    print(repr(facts))


if __name__ == "__main__":
    main()
