"""What a domain says about mail that is sent to it: MTA-STS (RFC 8461), TLS-RPT (RFC 8460), DANE (RFC 7672), BIMI."""

from __future__ import annotations

import re
from typing import NamedTuple

from secaudit.protocols.names import tags
from secaudit.protocols.names.asking import plain

POLICY_LIMIT_BYTES = 65_536
"""RFC 8461 asks receivers to read at least 64 KB; more is no policy."""

MODES = ("enforce", "testing", "none")
_ID = re.compile(r"[A-Za-z0-9]{1,32}")
_DIGITS = re.compile(r"\d{1,10}")


class Announcement(NamedTuple):
    """The TXT record of MTA-STS or TLS-RPT."""

    number: int
    """Records that begin with the version: exactly one counts."""
    text: str
    error: str
    values: dict[str, str]


def announcement(records: list[str], version: str) -> Announcement:
    """Read the records below `_mta-sts` or `_smtp._tls` that begin with the version."""
    if len(records) != 1:
        error = "there is none" if not records else "several records: none of them counts"
        return Announcement(len(records), records[0] if records else "", error, {})
    text = records[0]
    read = tags.parse(text)
    error = read.errors[0] if read.errors else ""
    if read.values.get("v") != version:
        error = f"v= must be {version}"
    elif version == "STSv1" and not _ID.fullmatch(read.values.get("id", "")):
        error = "id= must be 1 to 32 letters and digits"
    elif version == "TLSRPTv1":
        places = tags.addresses(read.values.get("rua", ""))
        bad = next((item for item in places if item.error or item.scheme not in ("mailto", "https")), None)
        error = error or (f"rua: {bad.error or 'it must be mailto: or https:'}" if bad else "")
    return Announcement(1, text, error, read.values)


class Policy(NamedTuple):
    """The policy that `https://mta-sts.DOMAIN/.well-known/mta-sts.txt` gives."""

    mode: str
    max_age_s: int | None
    patterns: tuple[str, ...]
    error: str

    def covers(self, host: str) -> bool:
        """Whether a mail server is named by one of its patterns; `*` stands for exactly one label."""
        name = plain(host)
        for pattern in self.patterns:
            if pattern == name or (pattern.startswith("*.") and name.partition(".")[2] == pattern[2:]):
                return True
        return False


def policy(body: bytes) -> Policy:
    """Read a policy file. Unknown keys are no error; of keys that stand twice the first counts."""
    mode, error = "", ""
    max_age_s: int | None = None
    patterns: list[str] = []
    version = ""
    for number, line in enumerate(body[:POLICY_LIMIT_BYTES].decode("utf-8", "backslashreplace").splitlines(), 1):
        if not line.strip() or number > 1000:
            continue
        key, colon, value = line.partition(":")
        key, value = key.strip().lower(), value.strip()
        if not colon:
            error = error or f"line {number} has no colon"
        elif key == "version":
            version = version or value
        elif key == "mode":
            mode = mode or value.lower()
        elif key == "max_age" and max_age_s is None and _DIGITS.fullmatch(value):
            max_age_s = int(value)
        elif key == "mx" and len(patterns) < 100:
            patterns.append(value.rstrip(".").lower()[:253])
    if version != "STSv1":
        error = error or "version must be STSv1"
    elif mode not in MODES:
        error = error or f"mode must be one of {', '.join(MODES)}"
    elif max_age_s is None or max_age_s > 31_557_600:
        error = error or "max_age must be a number of seconds, at most one year"
    elif not patterns and mode != "none":
        error = error or "no mx is named"
    return Policy(mode, max_age_s, tuple(patterns), error)


class Tlsa(NamedTuple):
    """One TLSA record."""

    usage: int
    selector: int
    matching: int
    error: str


def tlsa(text: str) -> Tlsa:
    """Read a TLSA record. For mail only the usages 2 and 3 count (RFC 7672, section 3.1)."""
    words = text.split()
    numbers = [int(word) for word in words[:3] if word.isdigit() and len(word) <= 3]
    if len(numbers) < 3 or len(words) < 4:
        return Tlsa(-1, -1, -1, "it cannot be read")
    usage, selector, matching = numbers
    digits = "".join(words[3:])
    error = ""
    if usage not in (2, 3):
        error = "for mail only the usages 2 and 3 count"
    elif selector > 1 or matching > 2:
        error = "a selector or a matching type that nobody knows"
    elif not re.fullmatch(r"[0-9A-Fa-f]+", digits) or len(digits) != {1: 64, 2: 128}.get(matching, len(digits)):
        error = "the digest has the wrong length"
    return Tlsa(usage, selector, matching, error)


def bimi(records: list[str]) -> tuple[str, str, str]:
    """The address of the logo, of its certificate, and what is wrong."""
    if len(records) != 1:
        return "", "", "several records: none of them counts" if records else "there is none"
    values = tags.parse(records[0]).values
    logo, certificate = values.get("l", ""), values.get("a", "")
    wrong = next((item for item in (logo, certificate) if item and not item.lower().startswith("https://")), "")
    return logo[:300], certificate[:300], "an address that is not https" if wrong else ""
