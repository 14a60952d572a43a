"""Turn the words after a keyword of sshd_config into the value that `sshd -T` would print.

Every function raises `BadLine` where sshd refuses the line. Source: sshd_config(5); servconf.c of OpenSSH 8.4, 9.2 and
10.0, whose behaviour tests compare.
"""

from __future__ import annotations

import ipaddress
import re
from typing import Callable, Mapping

from secaudit.tables.host._ssh_words import INT_MAX, BadLine, seconds

_YES_NO = {"yes": "yes", "no": "no"}
_FORWARD = {"yes": "yes", "all": "yes", "no": "no", "remote": "remote", "local": "local"}
_STATES: Mapping[str, Mapping[str, str]] = {
    "addressfamily": {"inet": "inet", "inet6": "inet6", "any": "any"},
    "permitrootlogin": {
        # sshd -T says without-password up to 10.0 and prohibit-password, the documented word, since.
        "without-password": "prohibit-password",
        "prohibit-password": "prohibit-password",
        "forced-commands-only": "forced-commands-only",
        "yes": "yes",
        "no": "no",
    },
    "ignorerhosts": {"yes": "yes", "no": "no", "shosts-only": "shosts-only"},
    "compression": {"yes": "yes", "delayed": "yes", "no": "no"},
    "gatewayports": {"clientspecified": "clientspecified", "yes": "yes", "no": "no"},
    "allowtcpforwarding": _FORWARD,
    "allowstreamlocalforwarding": _FORWARD,
}
_FLAGS = """usepam ignoreuserknownhosts hostbasedauthentication hostbasedusesnamefrompacketonly pubkeyauthentication
    kerberosauthentication kerberosorlocalpasswd kerberosticketcleanup kerberosgetafstoken gssapiauthentication
    gssapikeyexchange gssapicleanupcredentials gssapistrictacceptorcheck gssapistorecredentialsonrekey
    gssapidelegatecredentials passwordauthentication kbdinteractiveauthentication challengeresponseauthentication
    printmotd printlastlog x11forwarding x11uselocalhost permittty permituserrc strictmodes tcpkeepalive
    permitemptypasswords usedns allowagentforwarding disableforwarding streamlocalbindunlink exposeauthinfo
    refuseconnection debianbanner warnweakcrypto""".split()
_INTEGERS = "x11displayoffset maxauthtries maxsessions clientalivecountmax requiredrsasize".split()
_TIMES = "logingracetime clientaliveinterval".split()
_ONE_WORD = """pamservicename authorizedkeyscommanduser authorizedprincipalscommanduser authorizedprincipalsfile
    chrootdirectory hostkeyagent hostcertificate hostkey rdomain gssapikexalgorithms persourcepenaltyexemptlist
    pidfile modulifile xauthlocation banner trustedusercakeys revokedkeys securitykeyprovider sshdsessionpath
    sshdauthpath agentsocketpath""".split()
_NONE_WORDS = "hostkeyagent hostkey banner trustedusercakeys revokedkeys chrootdirectory pidfile xauthlocation".split()
WHOLE_LINE = "forcecommand versionaddendum authorizedkeyscommand authorizedprincipalscommand".split()
"""Their value is the rest of the line as it stands, comments and all."""
ALGORITHM_LISTS = {
    "ciphers": "cipher",
    "macs": "mac",
    "kexalgorithms": "kex",
    "hostkeyalgorithms": "hostkey",
    "pubkeyacceptedalgorithms": "pubkey",
    "hostbasedacceptedalgorithms": "hostbased",
    "casignaturealgorithms": "ca_signature",
}
"""Keyword -> the kind that the table sshd_algorithms calls it."""
APPENDING = "port listenaddress hostkey hostcertificate allowusers denyusers allowgroups denygroups acceptenv".split()
"""Every line adds to the list; the others keep the first value."""
LAST_WINS = {
    "maxstartups": (10, 0),
    "persourcenetblocksize": (10, 0),
    "ipqos": (10, 2),
    "streamlocalbindmask": (10, 3),
    "fingerprinthash": (999, 0),
}
"""Keyword -> the newest measured version that does not look whether it was set before."""
ROW_PER_WORD = "allowusers denyusers allowgroups denygroups acceptenv setenv".split()

_LEVELS = {"quiet", "fatal", "error", "info", "verbose", "debug", "debug1", "debug2", "debug3"}
_FACILITIES = {"daemon", "user", "auth", "authpriv", *(f"local{number}" for number in range(8))}
_SCALED = re.compile(r"(\d{1,18})(?:\.\d*)?([bkmgtpe]?)", re.IGNORECASE)


def values_of(keyword: str, words: list[str]) -> list[str]:
    """The values that one line gives, mostly one. `keyword` is in lower case and free of aliases."""
    if not words or any(word == "" for word in words):
        raise BadLine(f"{keyword} has an empty value")
    if keyword in ROW_PER_WORD:
        return _unique_names(words) if keyword == "setenv" else words
    special = _SPECIAL.get(keyword)
    if special is not None:
        return [special(words)]
    if keyword in _MANY_WORDS:
        return [" ".join(words)]
    single = _single(keyword)
    if single is None:  # a keyword newer than this module
        return [" ".join(words)]
    if len(words) > 1:
        raise BadLine(f"{keyword} has words too many")
    return [single(words[0])]


def _single(keyword: str) -> Callable[[str], str] | None:
    if keyword in _FLAGS:
        return lambda word: _state(keyword, word, _YES_NO)
    if keyword in _STATES:
        return lambda word: _state(keyword, word, _STATES[keyword])
    if keyword in _INTEGERS:
        return lambda word: str(_integer(keyword, word))
    if keyword in _TIMES:
        return lambda word: str(seconds(word))
    if keyword in _ONE_WORD:
        return lambda word: "none" if word.lower() == "none" and keyword in _NONE_WORDS else word
    if keyword in ALGORITHM_LISTS:
        return lambda word: word
    return None


def _command(words: list[str]) -> str:
    if not words[0].startswith("/") and words[0].lower() != "none":
        raise BadLine("a command must be an absolute path")
    return words[0]


def _state(keyword: str, word: str, states: Mapping[str, str]) -> str:
    value = states.get(word.lower())
    if value is None:
        raise BadLine(f"{keyword} cannot be {word[:40]}")
    return value


def _integer(keyword: str, word: str) -> int:
    digits = word[1:] if word[:1] == "+" else word  # strtonum(3) takes the sign
    if not (digits.isascii() and digits.isdigit() and len(digits) < 12 and int(digits) <= INT_MAX):
        raise BadLine(f"{keyword}: {word[:40]} is not a number")
    return int(digits)


def _only(keyword: str, words: list[str]) -> str:
    if len(words) > 1:
        raise BadLine(f"{keyword} has words too many")
    return words[0]


def _port(words: list[str]) -> str:
    number = _integer("port", _only("port", words))
    if not 1 <= number <= 65535:
        raise BadLine(f"{number} is not a port")
    return str(number)


def _log_level(words: list[str]) -> str:
    word = _only("loglevel", words).lower()
    if word not in _LEVELS:
        raise BadLine(f"loglevel cannot be {word[:40]}")
    return "DEBUG" if word == "debug1" else word.upper()


def _log_facility(words: list[str]) -> str:
    word = _only("syslogfacility", words).lower()
    if word not in _FACILITIES:
        raise BadLine(f"syslogfacility cannot be {word[:40]}")
    return word.upper()


def _tunnel(words: list[str]) -> str:
    word = _only("permittunnel", words)
    if word not in ("no", "point-to-point", "ethernet", "yes"):
        raise BadLine(f"permittunnel cannot be {word[:40]}")
    return word


def _bind_mask(words: list[str]) -> str:
    word = _only("streamlocalbindmask", words)
    if not re.fullmatch(r"0*[0-7]{1,3}", word):
        raise BadLine(f"streamlocalbindmask: {word[:40]} is not octal")
    return f"0{int(word, 8):o}"


def _fingerprint_hash(words: list[str]) -> str:
    word = _only("fingerprinthash", words).upper()
    if word not in ("MD5", "SHA1", "SHA256", "SHA384", "SHA512"):
        raise BadLine(f"fingerprinthash cannot be {word[:40]}")
    return word


def _max_startups(words: list[str]) -> str:
    parts = [_integer("maxstartups", part) for part in _only("maxstartups", words).split(":")]
    if len(parts) == 1:
        parts = [parts[0], 30, parts[0]]
    if len(parts) != 3 or parts[0] > parts[2] or not 1 <= parts[1] <= 100 or parts[0] < 1:
        raise BadLine("maxstartups is not start:rate:full")
    return ":".join(str(part) for part in parts)


def _net_block(words: list[str]) -> str:
    parts = [_integer("persourcenetblocksize", part) for part in _only("persourcenetblocksize", words).split(":")]
    if len(parts) > 2 or parts[0] > 32 or parts[-1] > 128:
        raise BadLine("persourcenetblocksize is out of range")
    return f"{parts[0]}:{parts[1] if len(parts) == 2 else 128}"


def _per_source(words: list[str]) -> str:
    word = _only("persourcemaxstartups", words)
    return word if word == "none" else str(_integer("persourcemaxstartups", word))


def _unused_timeout(words: list[str]) -> str:
    word = _only("unusedconnectiontimeout", words)
    value = 0 if word.lower() == "none" else seconds(word)
    return str(value) if value else "none"


def _ip_qos(words: list[str]) -> str:
    if len(words) > 2:
        raise BadLine("ipqos has words too many")
    low = [word.lower() for word in words]
    return f"{low[0]} {low[-1]}"


def _user_environment(words: list[str]) -> str:
    return _only("permituserenvironment", words)


def _pubkey_options(words: list[str]) -> str:
    low = {word.lower() for word in words}
    chosen = [word for word in ("touch-required", "verify-required") if word in low]
    return " ".join(chosen) or "none"


def _auth_methods(words: list[str]) -> str:
    if "any" in words and len(words) > 1:
        raise BadLine("any must stand alone in authenticationmethods")
    return " ".join(words)


def _subsystem(words: list[str]) -> str:
    if len(words) < 2:
        raise BadLine("subsystem has no command")
    return " ".join(words)


def _permit_listen(words: list[str]) -> str:
    return " ".join(word if ":" in word or word in ("any", "none") else f"*:{word}" for word in words)


def _rekey_limit(words: list[str]) -> str:
    """`bytes seconds`; a part that was not said is `-`, so that a later line can still set it."""
    if len(words) > 2:
        raise BadLine("rekeylimit has words too many")
    size = 0
    if words[0] != "default":
        match = _SCALED.fullmatch(words[0])
        if match is None:
            raise BadLine(f"rekeylimit: {words[0][:40]} is not a size")
        size = int(match.group(1)) << (10 * "bkmgtpe".index(match.group(2).lower() or "b"))
    interval = "-" if len(words) == 1 or words[1] == "none" else str(seconds(words[1]))
    return f"{size} {interval}"


def listen_address(words: list[str]) -> tuple[str, str, str]:
    """Split a ListenAddress into host, port ('' when every Port applies) and the text after it."""
    word, suffix = words[0], ""
    if len(words) > 1:
        if words[1] != "rdomain" or len(words) != 3:
            raise BadLine("listenaddress has words too many")
        suffix = f" rdomain {words[2]}"
    host, port = word, ""
    if word.startswith("["):
        host, closed, rest = word[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            raise BadLine("listenaddress is not host:port")
        port = rest[1:]
    elif word.count(":") == 1:
        host, port = word.split(":")
    if port:
        port = _port([port])
    try:
        address = ipaddress.ip_address(host)
        host = f"[{address}]" if address.version == 6 else str(address)
    except ValueError:
        pass
    return host, port, suffix


_MANY_WORDS = "authorizedkeysfile channeltimeout logverbose permitopen".split()
_SPECIAL: Mapping[str, Callable[[list[str]], str]] = {
    "port": _port,
    "listenaddress": lambda words: " ".join(words),
    "loglevel": _log_level,
    "syslogfacility": _log_facility,
    "permittunnel": _tunnel,
    "streamlocalbindmask": _bind_mask,
    "fingerprinthash": _fingerprint_hash,
    "maxstartups": _max_startups,
    "persourcenetblocksize": _net_block,
    "persourcemaxstartups": _per_source,
    "unusedconnectiontimeout": _unused_timeout,
    "ipqos": _ip_qos,
    "permituserenvironment": _user_environment,
    "pubkeyauthoptions": _pubkey_options,
    "authenticationmethods": _auth_methods,
    "authorizedkeyscommand": _command,
    "authorizedprincipalscommand": _command,
    "subsystem": _subsystem,
    "permitlisten": _permit_listen,
    "rekeylimit": _rekey_limit,
    "persourcepenalties": lambda words: " ".join(words),
}


def _unique_names(words: list[str]) -> list[str]:
    first: dict[str, str] = {}
    for word in words:
        name, equals, _ = word.partition("=")
        if not equals:
            raise BadLine("setenv needs NAME=value")
        first.setdefault(name, word)
    return list(first.values())


def penalties(line: str, default: str) -> str:
    """The settings of PerSourcePenalties as `sshd -T` prints them, those not named taken from the default."""
    if line in ("no", "yes"):
        return line if line == "no" else default
    parts = dict(item.split(":", 1) for item in default.split() if ":" in item)
    for word in line.split():
        name, colon, value = word.partition(":")
        if not colon or name not in parts:
            raise BadLine(f"persourcepenalties does not know {word[:40]}")
        known = value if name.startswith("overflow") else str(seconds(value))
        parts[name] = known
        if name == "overflow" and "overflow6:" not in line:
            parts["overflow6"] = known
    return " ".join(f"{name}:{value}" for name, value in parts.items())


def resolve_algorithms(value: str, default: str | None, known: frozenset[str] | None, wildcards: bool) -> str | None:
    """Resolve a list with `+`, `-`, `^` or wildcards; None when it builds on a default that is not known.

    Args:
        value: as written.
        default: the built-in list, None when it is not known.
        known: every name the installed sshd accepts, in its order of no meaning; None when that is not known.
        wildcards: whether this list may hold `*` and `?`.
    """
    import fnmatch

    sign = value[0] if value[0] in "+-^" else ""
    names = value[len(sign) :].split(",")
    if sign != "-" and any(
        name == "" or (known is not None and name not in known and not (wildcards and ("*" in name or "?" in name)))
        for name in names
    ):
        raise BadLine(f"a name in {value[:60]} is not known to this sshd")
    if sign and default is None:
        return None
    base = default.split(",") if sign and default is not None else []
    if sign == "-":
        # sshd assembles twice, and takes an empty list as "not set": removing everything gives the default back.
        return ",".join(item for item in base if not any(fnmatch.fnmatchcase(item, name) for name in names)) or default
    ordered = names + base if sign == "^" else base + names
    result: dict[str, None] = {}
    for name in ordered:
        if "*" in name or "?" in name:
            if known is None:
                return None
            result.update(dict.fromkeys(sorted(item for item in known if fnmatch.fnmatchcase(item, name))))
        else:
            result[name] = None
    return ",".join(result)
