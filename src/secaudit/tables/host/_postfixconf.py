"""Read main.cf and master.cf of Postfix: continued lines, variables, later settings win.

Source: postconf(5), master(5).
"""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Failed, Target
from secaudit.tables.host import _settings
from secaudit.tables.host._settings import Setting

FOLDER = "/etc/postfix"
MAX_LINES = 50_000
_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|\((\w+)\)|(\w+))")
_CONDITION = re.compile(r"\$[{(](\w+)\s*([?:])\s*(?:\{([^{}]*)\}|([^{}()]*))[)}]")

DEFAULTS = {
    "inet_interfaces": "all",
    "inet_protocols": "all",
    "mynetworks_style": "host",
    "relay_domains": "",
    "mydestination": "$myhostname, localhost.$mydomain, localhost",
    "smtpd_relay_restrictions": "permit_mynetworks, permit_sasl_authenticated, defer_unauth_destination",
    "smtpd_recipient_restrictions": "",
    "smtpd_client_restrictions": "",
    "smtpd_helo_required": "no",
    "disable_vrfy_command": "no",
    "smtpd_banner": "$myhostname ESMTP $mail_name",
    "smtpd_sasl_auth_enable": "no",
    "smtpd_tls_auth_only": "no",
    "smtpd_tls_security_level": "",
    "smtpd_use_tls": "no",
    "smtpd_enforce_tls": "no",
    "smtp_tls_security_level": "",
    "smtp_use_tls": "no",
    "smtp_enforce_tls": "no",
    "smtpd_tls_cert_file": "",
    "smtpd_tls_key_file": "$smtpd_tls_cert_file",
    "smtpd_tls_chain_files": "",
    "smtpd_sasl_security_options": "noanonymous",
    "relayhost": "",
}
"""Built-in values of Postfix 3."""

OLD_DEFAULTS = {
    "smtpd_relay_restrictions": (1, ""),
    "relay_domains": (2, "$mydestination"),
    "mynetworks_style": (2, "subnet"),
}
"""Values below a compatibility_level, https://www.postfix.org/COMPATIBILITY_README.html"""


class Main(NamedTuple):
    """main.cf as written; `value` works out variables."""

    settings: dict[str, Setting]

    def raw(self, name: str) -> str:
        found = self.settings.get(name)
        if found is not None:
            return found.value or ""
        return OLD_DEFAULTS[name][1] if self._is_older(name) else DEFAULTS.get(name, "")

    def _is_older(self, name: str) -> bool:
        """True when compatibility_level asks for the built-in value of an older Postfix, as a missing one does."""
        given = self.settings.get("compatibility_level")
        level = re.match(r"\d+", (given.value or "") if given is not None else "0")
        return name in OLD_DEFAULTS and level is not None and int(level.group()) < OLD_DEFAULTS[name][0]

    def value(self, name: str) -> str:
        return expand(self.raw(name), self)


def read_main(target: Target, unread: list[str], folder: str = FOLDER) -> Main:
    """The settings of main.cf; the last one of each name decides."""
    path = f"{folder}/main.cf"
    found: dict[str, Setting] = {}
    for number, line in logical(_settings.read(target, path, unread) or ""):
        name, sign, value = line.partition("=")
        if sign:
            found[name.strip()] = Setting("", name.strip(), " ".join(value.split()), path, number)
    return Main(found)


def read_services(target: Target, unread: list[str], folder: str = FOLDER) -> Iterator[tuple[str, int, dict[str, str]]]:
    """The network services of master.cf that smtpd answers: name, line, and the settings that `-o` gives it alone."""
    path = f"{folder}/master.cf"
    for number, line in logical(_settings.read(target, path, unread) or ""):
        words = line.split()
        if len(words) < 8 or words[1] not in ("inet", "pass") or words[7] != "smtpd":
            continue
        options: dict[str, str] = {}
        text = line.split(None, 8)[8] if len(words) > 8 else ""
        for match in re.finditer(r"-o\s*(?:\{\s*(\w+)\s*=\s*([^{}]*)\}|(\w+)=(\S*))", text):
            name, value = (match.group(1), match.group(2)) if match.group(1) else (match.group(3), match.group(4))
            options[name] = value.strip()
        yield words[0], number, options


def logical(text: str) -> Iterator[tuple[int, str]]:
    """A line that begins with a space continues the one before; comments and empty lines do not end it.

    Raises:
        Failed: there are more lines than anybody writes.
    """
    held, start = "", 0
    lines = text.split("\n", MAX_LINES)
    if len(lines) > MAX_LINES:
        raise Failed(f"a file of Postfix has more than {MAX_LINES} lines")
    for number, raw in enumerate(lines, 1):
        if not raw.strip() or raw.lstrip().startswith("#"):
            continue
        if raw[0] in " \t" and held:
            held += " " + raw.strip()
            continue
        if held:
            yield start, held
        held, start = raw.strip(), number
    if held:
        yield start, held


def expand(text: str, main: Main) -> str:
    """Put values in the place of names; what is not set here and has no built-in value stays as it is written."""
    for _ in range(10):

        def condition(match: re.Match[str]) -> str:
            name, sign = match.group(1), match.group(2)
            given = match.group(3) if match.group(3) is not None else match.group(4)
            is_set = bool(main.raw(name))
            return given if is_set == (sign == "?") else ""

        def plain(match: re.Match[str]) -> str:
            name = match.group(1) or match.group(2) or match.group(3)
            return main.raw(name) if name in main.settings or name in DEFAULTS else match.group(0)

        following = _VARIABLE.sub(plain, _CONDITION.sub(condition, text))
        if following == text or len(following) > 100_000:
            break
        text = following
    return text
