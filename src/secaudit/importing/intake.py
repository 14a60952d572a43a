"""From a file of another tool to findings that may be kept: known format, bounded, paths of the project, no values."""

from __future__ import annotations

import hashlib
import importlib
import json
import pkgutil
import posixpath
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from urllib.parse import unquote

from secaudit.errors import UsageError
from secaudit.importing.report import Found, Kind, Report
from secaudit.importing.weaknesses import SECRETS, word_of
from secaudit.tableapi import ImportedFinding
from secaudit.userfile import FileProblem, FileTooLarge, read_file

FORMATS = "secaudit.importing.formats"
LIMIT_BYTES = 64 * 1024 * 1024
MAX_FINDINGS = 20_000
MAX_MESSAGE = 200
MAX_NAME = 200
MAX_PATH = 4096
MANIFESTS = {
    "npm": ("package-lock.json", "npm-shrinkwrap.json", "package.json"),
    "PyPI": ("requirements.txt", "uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "pyproject.toml"),
}
_QUOTED = re.compile(r"'[^']{3,}'|\"[^\"]{3,}\"|`[^`]{3,}`")
_HASH = re.compile(r"(?i)md[245]|sha-?1|hash")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


@dataclass(frozen=True, slots=True)
class Project:
    """What is asked about the project while findings are taken over."""

    folder: str
    """Its real path."""
    prefix: str
    """What the paths of the file begin with where the tool ran; empty for the folder itself."""
    read: Callable[[str], bytes | None]
    """The content of a file of today, by its path in the project; None when there is none that could be read."""
    mark: Callable[[bytes], str]
    """The keyed mark of a value."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What may be kept."""

    tool: str
    version: str
    made: str
    format: str
    sha256: str
    findings: tuple[ImportedFinding, ...]
    marks: dict[str, str]
    outside: int
    cut: int
    skipped: int


def formats() -> dict[str, ModuleType]:
    """All formats, by name."""
    package = importlib.import_module(FORMATS)
    found = (importlib.import_module(f"{FORMATS}.{item.name}") for item in pkgutil.iter_modules(package.__path__))
    return {module.NAME: module for module in sorted(found, key=lambda module: str(module.NAME))}


def take(path: Path, name: str | None, project: Project) -> Taken:
    """Read a file.

    Args:
        path: the file.
        name: its format; None to find out.
        project: which project it is about.

    Raises:
        UsageError: it cannot be read, is no JSON, or has no format that we know.
    """
    try:
        data = read_file(path, LIMIT_BYTES)
    except FileTooLarge as problem:
        raise UsageError(f"{path}: {problem}", (("fix", "import it in parts"),)) from problem
    except FileProblem as problem:
        raise UsageError(f"{path}: {problem}", _hints()) from problem
    try:
        parsed = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path}: not JSON: {error}"[:300], _hints()) from error
    module = _module(path, parsed, name)
    report: Report = module.read(parsed)
    del parsed
    intake = _Intake(project)
    for found in report.found:
        intake.add(found)
    return Taken(
        tool=_inert(report.tool, 80),
        version=_inert(report.version, 40),
        made=report.made[:40],
        format=str(module.NAME),
        sha256=hashlib.sha256(data).hexdigest(),
        findings=tuple(intake.kept),
        marks=intake.marks,
        outside=intake.outside,
        cut=intake.cut,
        skipped=report.skipped,
    )


def _hints() -> tuple[tuple[str, str], ...]:
    return (("known", ", ".join(formats())), ("fix", "name a file of one of these tools, in its JSON form"))


def _module(path: Path, parsed: object, name: str | None) -> ModuleType:
    known = formats()
    if name is not None:
        if name not in known:
            raise UsageError(f'no format "{name}" (option --format)', _hints())
        empty = parsed == []  # nothing found: a list says nothing about its kind
        if not empty and not known[name].fits(parsed):
            raise UsageError(f"{path}: this is no output of {name} (option --format)", _hints())
        return known[name]
    fitting = [module for module in known.values() if module.fits(parsed)]
    if len(fitting) != 1:
        tip = ("tip", "an empty list can be of any tool: say which with --format") if parsed == [] else None
        raise UsageError(f"{path}: no format that we know", (*_hints(), *((tip,) if tip else ())))
    return fitting[0]


class _Intake:
    """Takes findings over, one by one."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._contents: dict[str, bytes | None] = {}
        self._size = 0
        self.kept: list[ImportedFinding] = []
        self.marks: dict[str, str] = {}
        self.outside = self.cut = 0

    def add(self, found: Found) -> None:
        path = inside(self._project.folder, found.path, self._project.prefix) or ""
        if found.kind is Kind.DEPENDENCY and not found.path:
            path = self._manifest(found.ecosystem)
        in_history = found.kind is Kind.SECRET and bool(found.commit)
        content = self._content(path) if path else None
        if found.kind is not Kind.DEPENDENCY and (not path or (content is None and not in_history)):
            self.outside += 1
            return
        if len(self.kept) >= MAX_FINDINGS:
            self.cut += 1
            return
        if content is not None and path not in self.marks:
            self.marks[path] = self._project.mark(content)
        self.kept.append(self._finding(found, path, content))

    def _manifest(self, ecosystem: str) -> str:
        """The file at the top of a project that such a tool reads: when it changes, the finding is old."""
        names = MANIFESTS.get(ecosystem, ())
        return next((name for name in names if self._content(name) is not None), "")

    def _content(self, path: str) -> bytes | None:
        if path not in self._contents:
            content = self._project.read(path)
            self._size += len(content or b"")
            if self._size > LIMIT_BYTES:  # the rest is read again when it is asked for again
                self._contents.clear()
                self._size = 0
            self._contents[path] = content
        return self._contents[path]

    def _finding(self, found: Found, path: str, content: bytes | None) -> ImportedFinding:
        weakness, cwe = word_of(found.cwes)
        line, commit, kind, rule, mark = found.line, "", "", "", ""
        if found.kind is Kind.SECRET:
            weakness = ""
            kind, rule = kind_of_secret(found.rule_id)
            line, commit = _today(found, content)
            value = found.secret or f"{found.rule_id}\0{path}\0{found.line}".encode("utf-8", "surrogatepass")
            mark = self._project.mark(value)
        elif weakness == "weak-cipher" and _HASH.search(found.rule_id + found.message):
            weakness = "weak-hash"  # most tools give both the same number
        quotes = found.kind is Kind.SECRET or not SECRETS.isdisjoint(found.cwes)
        return ImportedFinding(
            kind=str(found.kind),
            rule_id=_inert(found.rule_id, MAX_NAME),
            weakness=weakness,
            cwe=cwe,
            severity=found.severity if found.severity in ("critical", "high", "medium", "low", "info") else "medium",
            confidence=_confidence(found.confidence),
            path=path,
            line=line,
            column=found.column,
            message="" if quotes else _inert(_QUOTED.sub("...", found.message), MAX_MESSAGE),
            suppressed=int(found.suppressed),
            secret_kind=kind,
            secret_rule=rule,
            fingerprint=mark,
            commit_id=commit,
            ecosystem=found.ecosystem,
            package=_inert(found.package, MAX_NAME),
            version=_inert(found.version, 80),
            affected=_inert(found.affected, MAX_NAME),
            aliases=" ".join(_inert(alias, 60) for alias in found.aliases[:10]),
            fixed=_inert(found.fixed, MAX_NAME),
        )


def _today(found: Found, content: bytes | None) -> tuple[int, str]:
    """Line and commit: a value that stands in the file of today is no matter of the history alone."""
    if found.secret and content is not None:
        at = content.find(found.secret)
        if at >= 0:
            lines = content.split(b"\n")
            if 0 < found.line <= len(lines) and found.secret.split(b"\n")[0] in lines[found.line - 1]:
                return found.line, ""
            return content.count(b"\n", 0, at) + 1, ""
    return found.line, _inert(found.commit, 64)


def kind_of_secret(rule: str) -> tuple[str, str]:
    """Our kind of secret and our name of the rule, by the words of another tool's rule."""
    low = rule.lower().replace("_", "-").replace(" ", "-")
    if "private-key" in low or low in ("pkcs12-file", "pkcs12"):
        return "key", "private-key"
    if any(word in low for word in ("connection-string", "database-url", "uri-", "basic-auth-url", "url-password")):
        return "url", "url-password"
    if "curl-auth" in low:
        return "generic", "command-password"
    if any(word in low for word in ("password", "passwd", "secret-keyword", "keyword-detector")):
        return "generic", "generic-password"
    if any(word in low for word in ("generic", "entropy", "high-entropy")) or low in ("jwt", "json-web-token"):
        return "generic", "generic-token"
    return "vendor", ""


def inside(folder: str, address: str, prefix: str = "") -> str | None:
    """The path in the project, `/` between its parts; None for a place outside it, or none at all."""
    path = address
    if path.lower().startswith("file:"):
        path = unquote(path[5:], errors="surrogateescape")
        path = "/" + path.lstrip("/")
    elif _SCHEME.match(path):
        return None
    elif "%" in path:
        path = unquote(path, errors="surrogateescape")
    path = path.replace("\\", "/") if "\\" in path and "/" not in path else path
    if not path or len(path) > MAX_PATH or "\0" in path:
        return None
    for top in (prefix, folder):
        if top and path.startswith(top.rstrip("/") + "/"):
            path = path[len(top.rstrip("/")) + 1 :]
            break
    clean = posixpath.normpath(path)
    return None if clean in (".", "..") or clean.startswith(("../", "/")) else clean


def _confidence(word: str) -> str:
    known = {"very-high": "high", "high": "high", "medium": "medium", "low": "low", "undefined": "low"}
    return known.get(word, "medium")


def _inert(text: str, limit: int) -> str:
    """One line of signs that can be seen."""
    shown = "".join(" " if sign.isspace() else sign for sign in text[: limit * 2] if sign.isspace() or _is_seen(sign))
    return " ".join(shown.split())[:limit]


def _is_seen(sign: str) -> bool:
    return unicodedata.category(sign)[0] != "C"
