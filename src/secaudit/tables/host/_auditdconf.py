"""auditd.conf(5) as the audit service reads it: names without case, the last line of a name counts."""

from __future__ import annotations

from typing import NamedTuple

from secaudit.tableapi import Absent, Denied, Target

PATH = "/etc/audit/auditd.conf"
DEFAULTS = {
    "local_events": "yes",
    "write_logs": "yes",
    "log_file": "/var/log/audit/audit.log",
    "log_format": "raw",
    "log_group": "root",
    "flush": "none",
    "freq": "0",
    "num_logs": "0",
    "max_log_file": "0",
    "max_log_file_action": "ignore",
    "space_left": "0",
    "space_left_action": "ignore",
    "admin_space_left": "0",
    "admin_space_left_action": "ignore",
    "disk_full_action": "ignore",
    "disk_error_action": "ignore",
    "action_mail_acct": "root",
    "name_format": "none",
    "overflow_action": "ignore",
}
"""What counts where no line says it: `clear_config` of src/auditd-config.c, audit 3.0.9."""


class Setting(NamedTuple):
    """One setting in force."""

    name: str
    value: str
    """In lower case, but for paths and accounts."""
    line: int | None
    """NULL for a built-in default."""


def read_auditd(target: Target) -> dict[str, Setting]:
    """Every setting in force.

    Raises:
        Absent: the audit service is not installed.
        Denied: its settings can only be read by root.
    """
    found = {name: Setting(name, value, None) for name, value in DEFAULTS.items()}
    try:
        text = target.read_text(PATH)
    except (FileNotFoundError, NotADirectoryError):
        raise Absent("the audit service (auditd) has no settings here") from None
    except PermissionError:
        raise Denied("the settings of the audit service can only be read by root") from None
    except OSError:
        raise Denied(f"{PATH} could not be read", needs=None) from None
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split()
        if not 3 <= len(words) <= 4 or words[0].startswith("#") or words[1] != "=":
            continue  # auditd wants blanks around the sign, and a value of one or two words
        name = words[0].lower()
        keeps_case = name in ("log_file", "log_group", "action_mail_acct", "plugin_dir", "name")
        value = words[2] if keeps_case else " ".join(words[2:]).lower()
        found[name] = Setting(name, value, number)
    return found
