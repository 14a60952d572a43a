"""Read the local database of pacman. Source: alpm's lib/libalpm/be_local.c; one folder a package, `%FIELD%` blocks."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target

LOCAL = "/var/lib/pacman/local"


class PacmanPackage(NamedTuple):
    """One installed package."""

    name: str
    version: str
    """With epoch and release: `1:2.3-4`."""
    arch: str
    source: str
    size: int | None
    """Bytes."""
    install_time_s: int | None
    packager: str
    is_explicit: int
    """1 when a person asked for it, 0 when it came as a dependency."""
    validation: str
    """How its file was checked: pgp, sha256, md5 or none; several are separated by spaces."""


def read_packages(target: Target, faults: list[str]) -> Iterator[PacmanPackage]:
    """Every installed package; one whose description cannot be read is named in `faults`.

    Raises:
        Absent: there is no pacman database.
    """
    try:
        names = target.listdir(LOCAL)
    except (FileNotFoundError, NotADirectoryError):
        raise Absent("there is no pacman database") from None
    for name in names:
        if name == "ALPM_DB_VERSION":
            continue
        try:
            package = parse_desc(target.read_text(f"{LOCAL}/{name}/desc"))
        except OSError as error:
            faults.append(f"{name}: {error.strerror or error}")
            continue
        if package is None:
            faults.append(f"{name}: no name or version")
        else:
            yield package


def parse_desc(text: str) -> PacmanPackage | None:
    fields = blocks(text)
    if not fields.get("NAME") or not fields.get("VERSION"):
        return None
    return PacmanPackage(
        name=fields["NAME"][0],
        version=fields["VERSION"][0],
        arch=_first(fields, "ARCH"),
        source=_first(fields, "BASE") or fields["NAME"][0],
        size=_number(_first(fields, "SIZE")),
        install_time_s=_number(_first(fields, "INSTALLDATE")),
        packager=_first(fields, "PACKAGER"),
        is_explicit=int(_first(fields, "REASON") in ("", "0")),
        validation=" ".join(fields.get("VALIDATION", [])),
    )


def blocks(text: str) -> dict[str, list[str]]:
    """Fields of a desc file: a line `%NAME%`, then values up to an empty line."""
    fields: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in text.split("\n"):
        if len(line) > 2 and line[0] == line[-1] == "%" and current is None:
            current = fields.setdefault(line[1:-1], [])
        elif not line:
            current = None
        elif current is not None:
            current.append(line)
    return fields


def _first(fields: dict[str, list[str]], name: str) -> str:
    return fields.get(name, [""])[0] if fields.get(name) else ""


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
