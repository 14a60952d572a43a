"""Names of users and groups by number, for tables that tell who owns a file."""

from __future__ import annotations

from secaudit.tableapi import TableProblem, Target

MAX_QUESTIONS = 50
"""How many unknown numbers are looked up in directories (LDAP, systemd-userdb) before we stop asking."""


class Names:
    """User and group names of a target: passwd(5) and group(5), then getent(1) on a running system.

    A number without a name gives ''. So does every number when /etc/passwd or /etc/group cannot be read.

    Attributes:
        knows_users, knows_groups: whether the file could be read, or is not there.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self._users = _read(target, "/etc/passwd")
        self._groups = _read(target, "/etc/group")
        self.knows_users = self._users is not None
        self.knows_groups = self._groups is not None
        self._asked = 0

    def user(self, uid: int) -> str:
        """The account's name, '' when the number has none."""
        return self._name(self._users, "passwd", uid)

    def group(self, gid: int) -> str:
        """The group's name, '' when the number has none."""
        return self._name(self._groups, "group", gid)

    def user_or_null(self, uid: int) -> str | None:
        """As `user`; None when nobody can say."""
        return self.user(uid) or (None if not self.knows_users else "")

    def group_or_null(self, gid: int) -> str | None:
        """As `group`; None when nobody can say."""
        return self.group(gid) or (None if not self.knows_groups else "")

    def _name(self, known: dict[int, str] | None, database: str, number: int) -> str:
        if known is None:
            return self._ask(database, number)
        name = known.get(number)
        if name is None:
            name = known[number] = self._ask(database, number)
        return name

    def _ask(self, database: str, number: int) -> str:
        """Accounts may live in a directory instead of the files."""
        if not self._target.live or self._asked >= MAX_QUESTIONS:
            return ""
        self._asked += 1
        try:
            done = self._target.run(["getent", database, str(number)], timeout_s=2.0)
        except (OSError, TableProblem):
            return ""
        return done.stdout.split(":", 1)[0] if done.exit_code == 0 and ":" in done.stdout else ""


def _read(target: Target, path: str) -> dict[int, str] | None:
    """Number -> name, the first line of a number wins, as in getpwuid(3). None when it is there and cannot be read."""
    found: dict[int, str] = {}
    try:
        text = target.read_text(path)
    except (FileNotFoundError, NotADirectoryError):
        return found
    except OSError:
        return None
    for line in text.splitlines():
        fields = line.split(":")
        if len(fields) < 4 or line.startswith("#"):
            continue
        number = fields[2]
        if number.isascii() and number.isdigit() and len(number) < 12:
            found.setdefault(int(number), fields[0])
    return found
