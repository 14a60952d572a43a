"""yarn.lock, of Yarn 1 and of later ones (berry)."""

from __future__ import annotations

import re
from typing import Any

from secaudit.tables.project._npm_names import source_of
from secaudit.tables.project._package_model import Document, Format, Unreadable, sri
from secaudit.tables.project._package_text import mapping, text_of
from secaudit.tables.project._plain_yaml import load_yaml

_PATTERN = re.compile(r"(@?[^@]+)@(.*)", re.DOTALL)
_FIELD = re.compile(r'  ("?[\w-]+"?):? (.*)$')
_NEED = re.compile(r'    "?(@?[^\s"]+)"? "?([^"]*)"?$')


def _read(document: Document) -> None:
    answers: dict[str, str] = {}
    if "__metadata:" in document.text[:4000]:
        _read_berry(document, answers)
    elif "# yarn lockfile v1" in document.text[:400] or not document.text.strip():
        _read_one(document, answers)
    else:
        raise Unreadable("it has neither the first lines of Yarn 1 nor __metadata")
    document.packages = [  # a need is `name@range` until all answers are known
        each._replace(
            requires=tuple(answers.get(need, need[:1] + need[1:].partition("@")[0]) for need in each.requires)
        )
        for each in document.packages
    ]


def _read_one(document: Document, answers: dict[str, str]) -> None:
    """Version 1: blocks that begin with the patterns they answer, in a form of its own."""
    head, section, start = "", "", 0
    fields: dict[str, str] = {}
    needs: list[str] = []
    for number, line in enumerate([*document.text.splitlines(), "end:"], 1):
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith(" "):
            if head:
                _add_one(document, head, fields, needs, start, answers)
            head, fields, needs, start, section = line.rstrip().removesuffix(":"), {}, [], number, ""
        elif line.startswith("    "):
            need = _NEED.match(line)
            if need and section == "dependencies":
                needs.append(f"{need.group(1)}@{need.group(2)}")
        else:
            section = line.strip().removesuffix(":")
            field = _FIELD.match(line)
            if field:
                fields[field.group(1).strip('"')] = field.group(2).strip().strip('"')


def _patterns(head: str) -> list[tuple[str, str]]:
    """Name and range of each pattern of a block."""
    found = []
    for part in re.findall(r'"[^"]*"|[^,\s]+', head):
        match = _PATTERN.fullmatch(part.strip('"'))
        if match:
            found.append((match.group(1), match.group(2)))
    return found


def _add_one(
    document: Document, head: str, fields: dict[str, str], needs: list[str], line: int, answers: dict[str, str]
) -> None:
    patterns = _patterns(head)
    if not patterns or "version" not in fields:
        document.note(f"line {line} begins no package that we understand")
        return
    name, wanted = patterns[0]
    alias = re.fullmatch(r"npm:(@?[^@]+)(?:@.*)?", wanted)
    source, location, revision = source_of(fields.get("resolved", ""))
    if "resolved" not in fields:
        source, location, revision = source_of(wanted)
    hashes = sri(fields.get("integrity", ""))
    fragment = fields.get("resolved", "").partition("#")[2]
    old = (f"sha1:{fragment}",) if source != "git" and re.fullmatch(r"[0-9a-f]{40}", fragment) else ()
    real = alias.group(1) if alias else name
    document.add(
        real, fields["version"], line=line, scope="",
        hashed=None if source in ("git", "path") else int(bool(hashes or old)), hashes=hashes or old, source=source,
        location=location, revision=revision, requires=tuple(needs[:200]),
    )  # fmt: skip
    for each, asked in patterns:
        document.asked_for(each, asked)
        answers[f"{each}@{asked}"] = f"{real}@{fields['version']}"


def _read_berry(document: Document, answers: dict[str, str]) -> None:
    data = load_yaml(document.data)
    if not isinstance(data, dict):
        raise Unreadable("it holds no packages")
    for head, value in data.items():
        entry = mapping(value)
        if head == "__metadata":
            continue
        resolution = _PATTERN.fullmatch(text_of(entry.get("resolution")))
        if resolution is None:
            document.note("an entry has no resolution")
            continue
        line = data.lines.get(head, 1)  # type: ignore[attr-defined]
        _add_berry(document, head, entry, resolution.group(1), resolution.group(2), line, answers)


def _add_berry(
    document: Document, head: str, entry: dict[str, Any], name: str, place: str, line: int, answers: dict[str, str]
) -> None:
    if place.startswith(("workspace:", "link:", "portal:")):
        return  # a folder of the project
    if place.startswith("patch:"):  # the package itself has an entry of its own
        return
    source, location, revision = source_of("" if place.startswith("npm:") else place)
    archive = re.search(r"::__archiveUrl=([^&]+)", place)
    if archive:
        source, location = "registry", archive.group(1).replace("%3A", ":").replace("%2F", "/")
    checksum = text_of(entry.get("checksum"))
    document.add(
        name, text_of(entry.get("version")), line=line, scope="",
        hashed=None if source in ("git", "path") else int(bool(checksum)),
        hashes=(),  # of an archive that Yarn makes itself: nobody else can compare it
        source=source, location=location, revision=revision,
        requires=tuple(
            f"{need}@{text_of(asked).removeprefix('npm:')}"
            for need, asked in list(mapping(entry.get("dependencies")).items())[:200]
        ),
    )  # fmt: skip
    for part in head.split(", "):
        match = _PATTERN.fullmatch(part)
        if match:
            asked = match.group(2).removeprefix("npm:")
            document.asked_for(match.group(1), asked)
            answers[f"{match.group(1)}@{asked}"] = f"{name}@{text_of(entry.get('version'))}"


FORMATS = (Format("yarn.lock", "npm", "lock", ("yarn.lock",), _read),)
