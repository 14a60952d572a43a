"""go.mod and go.sum. Go takes the versions from go.mod; go.sum holds checksums, also of versions that are not used."""

from __future__ import annotations

import re

from secaudit.tables.project._package_model import Document, Format, Unreadable

_REQUIRE = re.compile(r"(\S+)\s+(v\S+)\s*(?://\s*(.*))?$")
_REPLACE = re.compile(r"(\S+)(?:\s+(v\S+))?\s+=>\s+(\S+)(?:\s+(v\S+))?")
_WORDS = ("module", "go", "toolchain", "require", "replace", "exclude", "retract", "tool", "godebug", "ignore")
WHOLE_SINCE = (1, 17)


def _statements(text: str) -> list[tuple[int, str, str]]:
    """Line, word and rest of each statement; those in brackets one by one."""
    found = []
    block = ""
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if not bare or bare.startswith("//"):
            continue
        if block:
            if bare.startswith(")"):
                block = ""
            else:
                found.append((number, block, bare))
            continue
        word, _, rest = bare.partition(" ")
        if rest.strip().startswith("("):
            block = word
        else:
            found.append((number, word.partition("(")[0], rest.strip()))
            if word.endswith("("):
                block = found.pop()[1]
    return found


def _read_mod(document: Document) -> None:
    statements = _statements(document.text)
    if not any(word == "module" for _, word, _ in statements):
        raise Unreadable("it names no module")
    replaced: dict[str, tuple[str, str]] = {}
    for _, word, rest in statements:
        match = _REPLACE.match(rest) if word == "replace" else None
        if match:
            replaced[match.group(1)] = (match.group(3), match.group(4) or "")
        elif word == "module":
            document.name = rest.partition("//")[0].strip().strip('"')
        elif word == "go":
            document.runtime = rest.split()[0] if rest else ""
    for line, word, rest in statements:
        if word not in _WORDS:
            document.note(f"line {line} is no statement of go.mod that we know")
        match = _REQUIRE.match(rest) if word == "require" else None
        if match is None:
            continue
        name, version = match.group(1).strip('"'), match.group(2)
        document.declared.setdefault(name, version)
        other, other_version = replaced.get(name, (name, version))
        is_path = other.startswith((".", "/"))
        document.add(
            name if is_path else other, (other_version or version).removeprefix("v").removesuffix("+incompatible"),
            requirement=other_version or version, line=line, direct=int("indirect" not in (match.group(3) or "")),
            source="path" if is_path else "registry", location=other if is_path else "",
        )  # fmt: skip
    parts = re.match(r"(\d+)\.(\d+)", document.runtime)
    if document.packages and (parts is None or (int(parts[1]), int(parts[2])) < WHOLE_SINCE):
        document.note("before Go 1.17 go.mod does not list what the modules need themselves")


def _read_sum(document: Document) -> None:
    """Only the checksums: modules of go.sum that go.mod does not name are not built."""
    odd = 0
    for line in document.text.splitlines():
        words = line.split()
        if len(words) == 3 and words[2].startswith("h1:"):
            document.asked_for(words[0], words[1])
        elif words:
            odd += 1
    if odd:
        document.note(f"{odd} lines have no checksum")


FORMATS = (
    Format("go.mod", "Go", "manifest", ("go.mod",), _read_mod),
    Format("go.sum", "Go", "lock", ("go.sum",), _read_sum),
)
