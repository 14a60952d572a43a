"""crypto_policy: what encryption the whole system allows: OpenSSL, GnuTLS, the policy of Fedora. Not in osquery."""

from __future__ import annotations

import posixpath
import re
from typing import Callable, Iterator

from secaudit.tableapi import Target, table
from secaudit.tables.host import _settings
from secaudit.tables.host._settings import Setting

OPENSSL = ("/etc/pki/tls/openssl.cnf", "/etc/ssl/openssl.cnf")
GNUTLS = "/etc/gnutls/config"
CONFIG = "/etc/crypto-policies/config"
STATE = "/etc/crypto-policies/state/current"
MAX_DEPTH = 8
MAX_FILES = 200
_SECTION = re.compile(r"\[\s*([^\]]*?)\s*\]")
_VARIABLE = re.compile(r"\$(?:\{([\w.]+)\}|\(([\w.]+)\)|([\w.]+))")


@table(targets={"host", "root"})
def crypto_policy(target: Target) -> Iterator[Setting]:
    """Yield the settings; `instance` is crypto-policies, openssl or gnutls.

    openssl: `min_protocol`, `seclevel` and `options` of the section that every program gets; '' when it is not set and
    what was built in holds. crypto-policies: `policy` with its modules as set, `applied` as last written by
    update-crypto-policies. gnutls: each line of its configuration as `section.name`.

    Source: config(5ssl), SSL_CONF_cmd(3ssl), crypto-policies(7), https://www.gnutls.org/manual/ (system-wide
    configuration).

    Raises:
        Absent: none of them is here.
        Partial: a file could not be read.
    """
    _settings.require(target, "OpenSSL or GnuTLS", (), (), (*OPENSSL, GNUTLS, CONFIG))
    unread: list[str] = []
    yield from _policy(target, unread)
    for path in OPENSSL:
        text = _settings.read(target, path, unread)
        if text is not None:
            sections: dict[str, dict[str, Setting]] = {}
            _openssl(target, path, text, sections, "default", unread, 0)
            yield from _system_default(sections)
            break
    section = ""
    for number, raw in enumerate((_settings.read(target, GNUTLS, unread) or "").splitlines(), 1):
        line = raw.partition("#")[0].strip()
        match = _SECTION.match(line)
        if match is not None:
            section = match.group(1).lower()
        elif "=" in line:
            name, _, value = line.partition("=")
            yield Setting("gnutls", f"{section}.{name.strip().lower()}", value.strip(), GNUTLS, number)
    _settings.finish(target, unread)


def _policy(target: Target, unread: list[str]) -> Iterator[Setting]:
    for name, path in (("policy", CONFIG), ("applied", STATE)):
        for number, raw in enumerate((_settings.read(target, path, unread) or "").splitlines(), 1):
            word = raw.partition("#")[0].strip()
            if word:
                yield Setting("crypto-policies", name, word.upper(), path, number)
                break


def _openssl(
    target: Target,
    path: str,
    text: str,
    sections: dict[str, dict[str, Setting]],
    section: str,
    unread: list[str],
    depth: int,
) -> str:
    held = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = held + re.sub(r"(?<!\\)#.*", "", raw).strip()
        held = ""
        if line.endswith("\\"):
            held = line[:-1]
            continue
        match = _SECTION.match(line)
        if match is not None:
            section = match.group(1)
            continue
        if line.startswith(".include"):
            place = line[len(".include") :].strip().lstrip("=").strip()
            section = _include(target, posixpath.join(posixpath.dirname(path), place), sections, section, unread, depth)
            continue
        name, sign, value = line.partition("=")
        if sign and not line.startswith(".pragma"):
            name = name.strip().rpartition("::")[2]
            known = sections.setdefault(section, {})
            known[name] = Setting("openssl", name, _expand(value.strip(), known, sections), path, number)
    return section


def _include(
    target: Target, place: str, sections: dict[str, dict[str, Setting]], section: str, unread: list[str], depth: int
) -> str:
    if depth >= MAX_DEPTH:
        unread.append(f"{place} (too many includes)")
        return section
    paths = [place]
    try:
        if target.stat(place).kind == "dir":
            names = [name for name in target.listdir(place) if name.endswith((".cnf", ".conf"))]
            paths = [f"{place}/{name}" for name in names[:MAX_FILES]]
            if len(names) > MAX_FILES:
                unread.append(f"{place} (more than {MAX_FILES} files)")
    except (FileNotFoundError, NotADirectoryError):
        return section  # openssl passes over what is not there
    except OSError:
        unread.append(place)
        return section
    for path in paths:
        inner = _settings.read(target, path, unread)
        if inner is not None:
            section = _openssl(target, path, inner, sections, section, unread, depth + 1)
    return section


def _expand(value: str, own: dict[str, Setting], sections: dict[str, dict[str, Setting]]) -> str:
    def known(match: re.Match[str]) -> str:
        name = match.group(1) or match.group(2) or match.group(3)
        found = own.get(name) or sections.get("default", {}).get(name)
        return match.group(0) if found is None else found.value or ""

    value = _VARIABLE.sub(known, value)[:10_000]
    return value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else value


def _system_default(sections: dict[str, dict[str, Setting]]) -> Iterator[Setting]:
    """openssl_conf -> ssl_conf -> system_default -> the settings of every program."""
    place = "default"
    for name in ("openssl_conf", "ssl_conf", "system_default"):
        found = sections.get(place, {}).get(name)
        place = "" if found is None else found.value or ""
    own = sections.get(place, {}) if place else {}
    low = {
        name.rpartition(".")[2].lower() if not name.lower().startswith("dtls.") else "": one
        for name, one in own.items()
    }
    yield _named("min_protocol", low.get("minprotocol"), lambda text: text)
    yield _named("seclevel", low.get("cipherstring"), _seclevel)
    yield _named("options", low.get("options"), lambda text: text)


def _seclevel(text: str) -> str:
    levels = re.findall(r"@SECLEVEL=(\d+)", text)
    return levels[-1] if levels else ""


def _named(name: str, one: Setting | None, read: Callable[[str], str]) -> Setting:
    if one is None:
        return Setting("openssl", name, "", None, None)
    return Setting("openssl", name, read(one.value or ""), one.path, one.line)
