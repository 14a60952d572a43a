"""What a setting of git means for safety: an address, a program that git would start, a check of certificates."""

from __future__ import annotations

import re

from secaudit.tables.project._gitconfig import Setting

_PROGRAMS = {
    "core": {"fsmonitor", "sshcommand", "gitproxy", "editor", "pager", "askpass", "alternaterefscommand"},
    "diff": {"external", "command", "textconv"},
    "merge": {"driver"},
    "filter": {"clean", "smudge", "process"},
    "gpg": {"program", "defaultkeycommand"},
    "credential": {"helper"},
    "sequence": {"editor"},
    "interactive": {"difffilter"},
    "uploadpack": {"packobjectshook"},
    "remote": {"uploadpack", "receivepack", "vcs"},
    "difftool": {"cmd", "path"},
    "mergetool": {"cmd", "path"},
    "trailer": {"command", "cmd"},
    "browser": {"cmd", "path"},
    "man": {"cmd", "path"},
}
"""Keys whose value git runs; git-config(1), gitattributes(5). `alias` and `submodule.*.update` are told apart below."""

_ADDRESSES = {"remote": {"url", "pushurl"}, "submodule": {"url"}, "http": {"proxy"}}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]{0,30})://")
_HELPER = re.compile(r"([A-Za-z][A-Za-z0-9+-]{0,30})::")
_HOST_COLON = re.compile(r"(?:[^/:@]{0,200}@)?(\[[^\]]{0,100}\]|[^/:@]{1,255}):")
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
_SHELLS = frozenset("sh bash dash zsh ksh env python python3 perl ruby node php curl wget eval".split())
_SWITCHES = frozenset(("true", "false", "yes", "no", "on", "off", "0", "1", ""))


def meaning_of(item: Setting) -> str:
    """`address`, `program`, `verify`, `branch`, `hooks`, `include` or `other`."""
    section, key = item.section, item.key
    value = item.value or ""
    if key in _ADDRESSES.get(section, ()) or (section == "url" and key in ("insteadof", "pushinsteadof")):
        return "address"
    if section == "core" and key == "hookspath":
        return "hooks"
    if section in ("include", "includeif") and key == "path":
        return "include"
    if section == "http" and key in ("sslverify", "proxysslverify"):
        return "verify"
    if section == "submodule" and key == "branch":
        return "branch"
    if section == "alias":
        return "program" if value.lstrip().startswith("!") else "other"
    if section == "submodule" and key == "update":
        return "program" if value.lstrip().startswith("!") else "other"
    if section == "pager" or (section == "core" and key == "fsmonitor"):
        return "other" if value.strip().lower() in _SWITCHES else "program"
    return "program" if key in _PROGRAMS.get(section, ()) and value.strip() else "other"


def address_of(item: Setting) -> tuple[str, str, str, int]:
    """The address without login, its scheme, its host, and 1 when it is on this machine.

    `url.ADDRESS.insteadOf` puts ADDRESS in place of what is written, so that is the address.
    """
    text = (item.subsection if item.section == "url" else item.value or "").strip()
    helper = _HELPER.match(text)
    if helper is not None:
        return f"{helper.group(1)}::", helper.group(1).lower(), "", 0
    found = _SCHEME.match(text)
    if found is not None:
        scheme = found.group(1).lower()
        rest = text[found.end() :]
        place, slash, path = rest.partition("/")
        host = place.rpartition("@")[2]
        name = _bare(host)
        path = path.partition("?")[0]
        shown = f"{scheme}://{host}{slash}{path}"
        return shown, scheme, name, int(scheme == "file" or name in _LOOPBACK)
    short = _HOST_COLON.match(text)
    if short is not None and len(short.group(1)) > 1:  # C:\\ is a disk of Windows
        return text.rpartition("@")[2] if "@" in text[: short.end()] else text, "ssh", _bare(short.group(1)), 0
    return text, "file", "", 1


def without_login(text: str) -> str:
    """The text of a subsection, which may be an address with a login."""
    return address_of(Setting("remote", "", "url", text, 0))[0] if "@" in text else text


def _bare(host: str) -> str:
    """The name without its port and brackets."""
    if host.startswith("["):
        return host[1:].partition("]")[0].lower()
    return host.partition(":")[0].lower()


def program_of(item: Setting) -> tuple[str, str]:
    """The first word of what git would run, and where that program is."""
    text = (item.value or "").strip()
    text = text.lstrip("!").strip()  # a command line; a helper without it gets `git-credential-` in front
    word = _first(text)
    name = word.rpartition("/")[2]
    if name in _SHELLS or any(sign in text.replace("$@", "") for sign in ";|&`$<>(){}"):
        return word, "shell"
    if word.startswith(("/", "~")):
        return word, "absolute"
    return word, "inside" if "/" in word else "named"


def _first(text: str) -> str:
    """The first word, without the quotes around it."""
    if text[:1] in ("'", '"'):
        return text[1:].partition(text[0])[0][:200]
    return text.split(None, 1)[0][:200] if text else ""
