"""What a person may name as a network target. Whatever does not fit exactly is refused, never repaired."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from secaudit.errors import TargetError

MOST_HOSTS = 256
MOST_PORTS = 65535
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class SiteName:
    """A web site's address, taken apart."""

    scheme: str
    host: str
    port: int
    path: str
    """With its query; begins with a slash."""

    @property
    def url(self) -> str:
        """Written back, in one form."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.path}"


def parse_url(text: str) -> SiteName:
    """Take a site's URL apart.

    Raises:
        TargetError: it is no http or https URL, holds a login, or its host is no name and no address.
    """
    fix = ("fix", "write https://HOST/ or http://HOST:PORT/PATH")
    if any(ord(sign) <= 32 or ord(sign) == 127 for sign in text) or "\\" in text:
        raise TargetError(f"{text!r}: a URL has no space and no control sign (option --site)", (fix,))
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise TargetError(f"{text}: {error} (option --site)", (fix,)) from error
    scheme = parts.scheme.lower()
    if scheme not in _PORTS or not parts.hostname:
        raise TargetError(f"{text}: this is no http or https URL (option --site)", (fix,))
    if "@" in parts.netloc:
        raise TargetError("a URL with a login in it is not taken (option --site)", (("fix", "leave the login out"),))
    if port == 0:
        raise TargetError(f"{text}: port 0 is no port (option --site)", (fix,))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not path.isascii():
        raise TargetError(f"{text}: write other than ASCII signs as %XX (option --site)", (fix,))
    return SiteName(scheme, parse_host(parts.hostname), port or _PORTS[scheme], path)


def parse_hosts(text: str, option: str = "--network") -> tuple[str, ...]:
    """Hosts, separated by commas or spaces: names, addresses, and ranges of at most 256 addresses.

    Raises:
        TargetError: one of them is neither, or there are too many.
    """
    found: dict[str, None] = {}
    for word in re.split(r"[,\s]+", text.strip()):
        if not word:
            continue
        for host in _range(word, option) if "/" in word else (parse_host(word, option),):
            found.setdefault(host)
            if len(found) > MOST_HOSTS:
                raise TargetError(f"more than {MOST_HOSTS} hosts ({option})", (("fix", "audit them in parts"),))
    if not found:
        raise TargetError(f"no host is named ({option})", (("fix", f"{option} 192.168.1.10,server.example"),))
    return tuple(found)


def _range(word: str, option: str) -> list[str]:
    fix = ("fix", "name a range of at most 256 addresses, such as 192.168.1.0/24")
    try:
        network = ipaddress.ip_network(word, strict=True)
    except ValueError as error:
        raise TargetError(f"{word!r}: {error} ({option})", (fix,)) from error
    if network.num_addresses > MOST_HOSTS:
        raise TargetError(f"{word}: {network.num_addresses} addresses are too many ({option})", (fix,))
    return [str(address) for address in network.hosts()]


def parse_host(text: str, option: str = "--site") -> str:
    """A name in lower case, international letters as A-labels (RFC 5891), or an address in its short form.

    Raises:
        TargetError: it is neither. A text that a program could take for an option never passes.
    """
    plain = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        return str(ipaddress.ip_address(plain))
    except ValueError:
        pass
    fix = ("fix", "write a name such as shop.example, or an address")
    name = unicodedata.normalize("NFC", plain).lower().removesuffix(".")
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError as error:
            raise TargetError(f"{text!r}: this is no host name ({option})", (fix,)) from error
    labels = name.split(".")
    numeric = labels[-1].isdigit() or labels[-1].startswith("0x")  # 127.1 and 0x7f.1 are addresses to a C library
    if len(name) > 253 or numeric or not all(map(_LABEL.fullmatch, labels)):
        raise TargetError(f"{text!r}: this is neither a host name nor an address ({option})", (fix,))
    return name


def parse_domain(text: str) -> str:
    """The name of a mail or DNS domain.

    Raises:
        TargetError: it is an address, a single label, or no name.
    """
    name = parse_host(text, "--domain")
    if ":" in name or "." not in name or name.replace(".", "").isdigit():
        raise TargetError(f"{text!r}: this is no domain (option --domain)", (("fix", "write a name: shop.example"),))
    return name


def parse_ports(text: str) -> tuple[int, ...]:
    """Port numbers and ranges: `22,80,8000-8100`.

    Raises:
        TargetError: one of them is no port.
    """
    found: set[int] = set()
    for word in filter(None, re.split(r"[,\s]+", text.strip())):
        match = re.fullmatch(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", word, re.ASCII)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last <= MOST_PORTS:
            raise TargetError(f"{word!r}: this is no port (option --ports)", (("fix", "--ports 22,80,8000-8100"),))
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def parse_resolver(text: str) -> tuple[str, int]:
    """The address and port of a DNS server: `192.168.1.1`, `127.0.0.1:5353`, `[::1]:5353`.

    Raises:
        TargetError: it is no address.
    """
    match = re.fullmatch(r"\[([^\]]+)\](?::([0-9]{1,5}))?|([^:]+)(?::([0-9]{1,5}))?", text) or re.fullmatch(
        r"([0-9a-fA-F:.]+)()()()", text
    )
    address, port = ("", 0) if match is None else (match[1] or match[3] or "", int(match[2] or match[4] or 53))
    try:
        shown = str(ipaddress.ip_address(address))
    except ValueError as error:
        fix = ("fix", "--resolver 192.168.1.1 or --resolver 127.0.0.1:5353")
        raise TargetError(f"{text!r}: this is no address (option --resolver)", (fix,)) from error
    if not 1 <= port <= MOST_PORTS:
        raise TargetError(f"{port}: this is no port (option --resolver)", (("fix", "--resolver ADDRESS:PORT"),))
    return shown, port
