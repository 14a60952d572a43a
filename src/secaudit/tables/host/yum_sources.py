"""yum_sources: where dnf and yum take packages from, and whether they look at signatures. As osquery's table."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, table

MAIN_FILES = (
    "/usr/share/dnf5/libdnf.conf.d/*.conf",
    "/etc/dnf/libdnf5.conf.d/*.conf",
    "/etc/yum.conf",
    "/etc/dnf/dnf.conf",
)
"""Read in this order, the last one wins; yum.conf is a link to dnf.conf today."""
REPOSITORIES = ("/etc/yum.repos.d/*.repo", "/etc/distro.repos.d/*.repo")
TRUE_WORDS = ("1", "yes", "true", "on")


class YumSource(NamedTuple):
    """One repository."""

    name: str
    """Its id, the word in brackets."""
    baseurl: str
    mirrorlist: str
    metalink: str
    enabled: int
    gpgcheck: int
    """1 when the signature of each package is checked, by its own setting or that of the main section."""
    repo_gpgcheck: int
    """1 when the signature of the repository's list is checked."""
    sslverify: int
    """1 when the certificate of the server is checked."""
    gpgkey: str
    is_encrypted: int
    """1 when all of its addresses are https or local files."""
    path: str
    line: int
    """The line of `gpgcheck` in the repository, else of its head."""


@table(targets={"host", "root"})
def yum_sources(target: Target) -> Iterator[YumSource]:
    """Yield one row per repository.

    Source: dnf.conf(5). Without any setting gpgcheck is off, sslverify is on, and a repository is enabled.

    Raises:
        Absent: there is no dnf or yum.
        Partial: a file could not be read.
    """
    if not any(target.exists(path) for path in ("/etc/dnf", "/etc/yum.conf", "/etc/yum.repos.d")):
        raise Absent("dnf is not installed")
    faults: list[str] = []
    main: dict[str, tuple[str, int]] = {}
    for path in [path for pattern in MAIN_FILES for path in target.glob(pattern)]:
        for name, values, _ in _sections(target, path, faults):
            if name == "main":
                main.update(values)
    for path in [path for pattern in REPOSITORIES for path in target.glob(pattern)]:
        for name, values, line in _sections(target, path, faults):
            if name != "main":
                yield _row(name, values, main, path, line)
    if faults:
        raise Partial("not all repositories are known: " + "; ".join(faults[:5]))


def _row(
    name: str, values: dict[str, tuple[str, int]], main: dict[str, tuple[str, int]], path: str, line: int
) -> YumSource:
    def text(key: str) -> str:
        return values.get(key, ("", 0))[0]

    def flag(key: str, default: int) -> int:
        value = values.get(key) or main.get(key)
        return default if value is None else int(value[0].lower() in TRUE_WORDS)

    addresses = " ".join(text(key) for key in ("baseurl", "mirrorlist", "metalink"))
    schemes = re.findall(r"([a-z][a-z0-9+.-]*)://?", addresses.lower())
    return YumSource(
        name=name,
        baseurl=_no_password(text("baseurl")),
        mirrorlist=_no_password(text("mirrorlist")),
        metalink=_no_password(text("metalink")),
        enabled=int(text("enabled").lower() in ("", *TRUE_WORDS)),
        gpgcheck=flag("gpgcheck", flag("pkg_gpgcheck", 0)),
        repo_gpgcheck=flag("repo_gpgcheck", 0),
        sslverify=flag("sslverify", 1),
        gpgkey=text("gpgkey"),
        is_encrypted=int(all(scheme in ("https", "file") for scheme in schemes)),
        path=path,
        line=values.get("gpgcheck", ("", line))[1],
    )


def _no_password(addresses: str) -> str:
    return re.sub(r"//[^/\s@]*@", "//", addresses)


def _sections(target: Target, path: str, faults: list[str]) -> Iterator[tuple[str, dict[str, tuple[str, int]], int]]:
    """Give (section, key -> (value, line), line of the head); lines that begin with a space go on with the value."""
    try:
        lines = target.read_text(path).splitlines()
    except FileNotFoundError:
        return
    except OSError as error:
        faults.append(f"{path}: {error.strerror or error}")
        return
    section, start, key = "", 0, ""
    values: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text[0] in "#;":
            continue
        if line[0] == "[" and "]" in line:
            if section:
                yield section, values, start
            section, start, key, values = line[1 : line.index("]")].strip(), number, "", {}
        elif line[0] in " \t" and key:
            values[key] = (f"{values[key][0]} {text}", values[key][1])
        elif "=" in text:
            key, _, value = text.partition("=")
            key = key.strip().lower()
            values[key] = (value.strip(), number)
    if section:
        yield section, values, start
