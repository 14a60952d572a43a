"""bun.lock: JSON with comments and commas at the end."""

from __future__ import annotations

import re

from secaudit.tables.project._npm_names import source_of
from secaudit.tables.project._package_model import Document, Format, Unreadable, sri
from secaudit.tables.project._package_text import load_object, mapping, text_of

_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|/\*.*?\*/|,(?=\s*[\]}])', re.DOTALL)
_SECTIONS = (("dependencies", "runtime"), ("devDependencies", "dev"), ("optionalDependencies", "optional"))


def plain_json(text: str) -> str:
    """The text without comments and without commas before a closing bracket."""
    return _PIECE.sub(lambda match: match.group() if match.group().startswith('"') else "", text)


def _read(document: Document) -> None:
    data = load_object(plain_json(document.text))
    if "lockfileVersion" not in data:
        raise Unreadable("it has no lockfileVersion")
    direct: dict[str, str] = {}
    for folder, value in mapping(data.get("workspaces")).items():
        for section, scope in _SECTIONS:
            for name, asked in mapping(mapping(value).get(section)).items():
                direct.setdefault(name, scope)
                if folder == "":
                    document.declared.setdefault(name, text_of(asked))
    for key, value in mapping(data.get("packages")).items():
        if not isinstance(value, list) or not value or not isinstance(value[0], str):
            document.note("an entry is no list that begins with a name")
            continue
        name, _, version = value[0][1:].partition("@")
        name = value[0][:1] + name
        if version.startswith("workspace:"):
            continue
        meta = next((each for each in value[1:] if isinstance(each, dict)), {})
        source, location, revision = source_of(version if ":" in version else "")
        place = value[1] if len(value) > 1 and isinstance(value[1], str) else ""
        if source == "registry" and place:
            location = source_of(place)[1]
        hashes = sri(value[-1]) if isinstance(value[-1], str) else ()
        at = document.seek(f'"{key}": [')
        document.add(
            name, "" if ":" in version else version, line=document.line_at(max(at, 0)), direct=int(key in direct),
            scope=direct.get(key, ""), hashed=None if source in ("git", "path") else int(bool(hashes)), hashes=hashes,
            source=source, location=location, revision=revision,
            requires=tuple(mapping(meta.get("dependencies")))[:200],
        )  # fmt: skip


FORMATS = (Format("bun.lock", "npm", "lock", ("bun.lock",), _read),)
