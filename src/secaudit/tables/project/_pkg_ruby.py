"""Gemfile and Gemfile.lock. A Gemfile is a program: only its plain lines are read, and the rest is named."""

from __future__ import annotations

import re

from secaudit.tables.project._package_model import Document, Format, Unreadable

_GEM = re.compile(r"""\s*gem[\s(]+["']([\w.-]+)["']\s*(.*)$""")
_TEXT = re.compile(r"""^,?\s*["']([^"']*)["']""")
_OPTION = re.compile(r"""(?::(\w+)\s*=>|(\w+):)\s*["']?([^"',\s\]]+)""")
_GROUP = re.compile(r"""\s*group[\s(]+(.*?)\s*\)?\s+do\b""")
_SOURCE = re.compile(r"""\s*source[\s(]+["']([^"']+)["']\)?\s*(do)?""")
_RUBY = re.compile(r"""\s*ruby\s+["']([^"']+)["']""")
_OPENS = re.compile(r"\bdo\s*(\|.*\|)?\s*$|^\s*(if|unless|case|begin)\b")
_SPEC = re.compile(r"    (\S+) \(([^)]+)\)$")
_NEED = re.compile(r"      (\S+)")
_ASKED = re.compile(r"  ([^\s!(]+)!?(?: \((.*)\))?!?$")
_CHECKSUM = re.compile(r"  (\S+) \(([^)]+)\) (sha256)=([0-9a-f]{64})")
_VERSION = re.compile(r"([0-9][0-9A-Za-z.]*?)(?:-[a-z].*)?$")
_OF_GROUP = re.compile(r"(?:groups?:|:groups?\s*=>)\s*(\[[^\]]*\]|:\w+)")
_DEV = ("development", "test")


def _read_gemfile(document: Document) -> None:
    blocks: list[str] = []
    for line, text in enumerate(document.text.splitlines(), 1):
        bare = text.partition(" #")[0] if not text.lstrip().startswith("#") else ""
        gem, group, source, ruby = (form.match(bare) for form in (_GEM, _GROUP, _SOURCE, _RUBY))
        if gem:
            _add_gem(document, gem.group(1), gem.group(2), line, blocks)
        elif group:
            blocks.append("dev" if any(word in group.group(1) for word in _DEV) else "runtime")
        elif source:
            if source.group(2):
                blocks.append("")
            word = "scoped-index" if source.group(2) else "index" if not document.registries else "extra-index"
            document.place(word, source.group(1), line)
        elif ruby:
            document.runs("ruby", ruby.group(1), line)
        elif _OPENS.search(bare):
            blocks.append("")
        elif re.match(r"\s*end\b", bare) and blocks:
            blocks.pop()
        elif re.match(r"\s*gemspec\b|\s*eval_gemfile\b", bare):
            document.note(f"line {line} takes requirements from another program, which is not run")


def _add_gem(document: Document, name: str, rest: str, line: int, blocks: list[str]) -> None:
    wanted = []
    while match := _TEXT.match(rest):
        wanted.append(match.group(1))
        rest = rest[match.end() :].lstrip()
    options = {first or second: value for first, second, value in _OPTION.findall(rest)}
    requirement = ", ".join(wanted)
    exact = re.fullmatch(r"=?\s*(\d[0-9A-Za-z.]*)", requirement)
    place = options.get("git") or options.get("github") or options.get("path") or ""
    where = "git" if "git" in options or "github" in options else "path" if "path" in options else "registry"
    group = _OF_GROUP.search(rest)
    is_dev = "dev" in blocks or (group is not None and any(word in group.group(1) for word in _DEV))
    scope = "dev" if is_dev else "runtime"
    document.ask(name, requirement, line, scope, version=exact.group(1) if exact else "", source=where, location=place,
                 direct=None if "" in blocks else 1,  # perhaps only somewhere
                 revision=options.get("ref") or options.get("tag") or options.get("branch") or "")  # fmt: skip


class _Gem:
    def __init__(self, name: str, version: str, line: int, source: str, place: str, revision: str) -> None:
        self.name, self.version, self.line = name, version, line
        self.source, self.place, self.revision = source, place, revision
        self.needs: list[str] = []


def _read_lock(document: Document) -> None:
    section, place, revision = "", "", ""
    found: list[_Gem] = []
    checksums: dict[tuple[str, str], str] = {}
    has_checksums = False
    asked: set[str] = set()
    for line, text in enumerate(document.text.splitlines(), 1):
        if text and not text.startswith(" "):
            section, place, revision = text.strip(), "", ""
            has_checksums = has_checksums or section == "CHECKSUMS"
        elif text.startswith("  remote: "):
            place = text[10:].strip()
        elif text.startswith("  revision: "):
            revision = text[12:].strip()
        elif section == "CHECKSUMS":
            match = _CHECKSUM.match(text)
            if match:
                checksums.setdefault((match.group(1), match.group(2)), f"sha256:{match.group(4)}")
        elif section == "DEPENDENCIES":
            match = _ASKED.match(text)
            if match:
                asked.add(match.group(1))
                document.declared.setdefault(match.group(1), match.group(2) or "")
        elif section in ("GEM", "GIT", "PATH"):
            match = _SPEC.match(text)
            need = _NEED.match(text)
            if match:
                source = {"GEM": "registry", "GIT": "git", "PATH": "path"}[section]
                found.append(_Gem(match.group(1), match.group(2), line, source, place, revision))
            elif need and found and text.startswith("      "):
                found[-1].needs.append(need.group(1))
        elif section == "RUBY VERSION" and "ruby" in text:
            document.runtime = text.strip().removeprefix("ruby ").partition("p")[0]
    if not found and "DEPENDENCIES" not in document.text:
        raise Unreadable("it has no section DEPENDENCIES")
    seen: set[tuple[str, str]] = set()
    for gem in found:
        match = _VERSION.match(gem.version)
        version = match.group(1) if match else gem.version
        if (gem.name, version) in seen:  # once more for each platform
            continue
        seen.add((gem.name, version))
        value = checksums.get((gem.name, gem.version))
        usual = gem.place.startswith("https://rubygems.org")
        document.add(
            gem.name, version, line=gem.line, direct=int(gem.name in asked), scope="",
            hashed=int(value is not None) if has_checksums and gem.source == "registry" else None,
            hashes=(value,) if value else (), source=gem.source, location="" if usual else gem.place,
            revision=gem.revision, requires=tuple(gem.needs[:200]),
        )  # fmt: skip


FORMATS = (
    Format("Gemfile", "RubyGems", "manifest", ("Gemfile", "gems.rb"), _read_gemfile),
    Format("Gemfile.lock", "RubyGems", "lock", ("Gemfile.lock", "gems.locked"), _read_lock),
)
