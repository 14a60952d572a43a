"""project_git_settings: what .git/config and .gitmodules set, and what that means. Not in osquery.

Values can hold logins, so only those are shown that say where from, which program, or yes and no.
"""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, NotRegular, Partial, Target, TooLarge, table
from secaudit.tables.project._gitconfig import BadConfig, Setting, settings
from secaudit.tables.project._gitmeaning import address_of, meaning_of, program_of, without_login

LIMIT_BYTES = 1024 * 1024
FILES = (".git/config", ".gitmodules")
MAX_ROWS = 20_000
LONGEST = 500
"""Signs of one name or value."""


class GitSetting(NamedTuple):
    """One setting."""

    path: str
    """`.git/config`, `config` of a bare repository, or `.gitmodules`."""
    line: int
    name: str
    """Whole, such as `remote.origin.url`; section and key are in lower case."""
    section: str
    subsection: str
    key: str
    meaning: str
    """`address`, `program`, `verify` (whether certificates are checked), `branch`, `hooks`, `include`, else `other`."""
    value: str
    """Addresses without login, programs by their first word, yes and no; empty for `other`."""
    scheme: str
    """Of an address: `https`, `http`, `ssh`, `git`, `file` ..., or a helper that git starts, as `ext`; else empty."""
    host: str
    """Of an address, in lower case."""
    is_local: int
    """1 for an address on this machine: a path, or the loopback name."""
    program_place: str
    """Of a program: `named` (found by its name), `absolute`, `inside` (a path in the project), `shell`; else empty."""


@table(targets={"project"})
def project_git_settings(target: Target) -> Iterator[GitSetting]:
    """Yield one row per setting.

    Source: git-config(1), gitmodules(5).

    Raises:
        Absent: there is neither file: this folder is no repository of its own.
        Partial: a file could not be read or is not in the form of git.
    """
    problems = []
    found = False
    for path in (*FILES, "config") if _is_bare(target) else FILES:
        try:
            data = target.read_bytes("/" + path, LIMIT_BYTES)
        except FileNotFoundError:
            continue
        except NotADirectoryError:  # .git is a file that names another folder
            found = True
            problems.append("the settings of the repository lie outside the project")
            continue
        except (NotRegular, TooLarge, PermissionError) as problem:
            found = True
            problems.append(f"{path} could not be read: {problem}")
            continue
        found = True
        try:
            for number, item in enumerate(settings(data)):
                if number >= MAX_ROWS:
                    problems.append(f"{path} holds more than {MAX_ROWS} settings")
                    break
                yield _row(path, item)
        except BadConfig as problem:
            problems.append(f"{path} is not in the form of git ({problem})")
    if problems:
        raise Partial("; ".join(problems))
    if not found:
        raise Absent("this folder is no git repository of its own")


def _is_bare(target: Target) -> bool:
    return not target.exists("/.git") and target.exists("/HEAD") and target.exists("/objects")


def _row(path: str, item: Setting) -> GitSetting:
    subsection = without_login(item.subsection)[:LONGEST]
    middle = f".{subsection}" if subsection else ""
    meaning = meaning_of(item)
    scheme = host = place = value = ""
    is_local = 0
    if meaning == "address":
        value, scheme, host, is_local = address_of(item)
    elif meaning == "program":
        value, place = program_of(item)
    elif meaning != "other":
        value = "true" if item.value is None else item.value
    return GitSetting(
        path=path,
        line=item.line,
        name=f"{item.section}{middle}{'.' if item.section else ''}{item.key[:LONGEST]}",
        section=item.section,
        subsection=subsection,
        key=item.key[:LONGEST],
        meaning=meaning,
        value=value[:LONGEST],
        scheme=scheme,
        host=host,
        is_local=is_local,
        program_place=place,
    )
