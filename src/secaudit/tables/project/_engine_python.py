"""Our own reading of Python code: the syntax tree of the standard library, nothing is run.

Only files that hold a word which some rule looks for are read closely, and no tests, where no finding fails a check.
Where ruff sees the same place, the surer one of the two speaks.
"""

from __future__ import annotations

import ast
import posixpath
import re
import warnings
from functools import lru_cache
from typing import Sequence

from secaudit.tableapi import Target, TimedOut
from secaudit.tables.project._code import PARTIAL, Answer, Weak, is_marked
from secaudit.tables.project._listing import Listed
from secaudit.tables.project._py_origin import Origin
from secaudit.tables.project._py_reader import Reader as PythonReader
from secaudit.tables.project._py_rules import all_rules
from secaudit.tables.project._reading import each_read
from secaudit.tables.project._roles import role_of

ENGINE = "secaudit"
LANGUAGES = ("python",)
MAX_BYTES = 1024 * 1024
"""Of one file; a larger one is data."""

PLACE_NAME = "<file of a project>"
_BIDI = tuple(chr(number).encode() for number in (0x202A, 0x202B, 0x202D, 0x202E, 0x2066, 0x2067, 0x2068))
_WORD = re.compile(rb"\w{3,60}")
_COMMON = frozenset(
    "get post put patch delete head options request copy move run call open text save load loads decode encode"
    " new find search sample choice error info debug warning log print write update random stat store send stream"
    " rename parse extract compile exec query Response Client Session Request Template Environment system connect"
    " bind local sql scalar prepare finish extra raw XML FTP fetch uniform shuffle critical exception write_text"
    " read_text read_bytes iterdir mkdir".split()
)
"""Names of calls that stand in nearly every file; the words below tell when they matter."""

_TELLING = frozenset(
    "request argv input subprocess hashlib random pickle yaml verify jwt jsonpickle shelve marshal tarfile system"
    " popen raw extra xpath sqlalchemy execute password Cipher lxml assert ssl verify_mode check_hostname"
    " csrf_exempt uvicorn flask bind ftplib telnetlib logger paramiko asyncssh fastapi ldap ldap3 jinja2 mako"
    " token chmod umask eval exec torch joblib numpy infolist namelist setattr tmp"
    " flask_wtf CSRFProtect exempt SELECT tornado bottle get_argument aiohttp dill"
    " cloudpickle uuid1 pandas autoescape ImageMath numexpr sympy BaseHTTPRequestHandler".split()
)


def find(target: Target, language: str, sources: Sequence[Listed]) -> Answer | None:
    """Read each file by itself. What is no Python 3, or too large, makes the answer partial."""
    sources = [source for source in sources if role_of(source.path) != "test"]
    found: list[Weak] = []
    problems: list[str] = []
    handed: dict[str, dict[object, Origin]] = {}
    try:
        for source, data in each_read(target, _requests_first(target, sources), problems):
            problem = _read_file(data, source.path, found, handed)
            if problem and role_of(source.path) == "code":
                problems.append(f"{source.path} {problem}")
    except TimedOut:
        problems.append("time was up before all files were read")
    reason = "; ".join(problems[:3]) + (f"; and {len(problems) - 3} more" if len(problems) > 3 else "")
    return Answer(tuple(found), PARTIAL if problems else "ran", reason)


def find_in(data: bytes, path: str = "app.py") -> list[Weak]:
    """What is weak in one text."""
    found: list[Weak] = []
    _read_file(data, path, found)
    return found


@lru_cache(maxsize=1)
def _gate() -> frozenset[bytes]:
    names = (set(all_rules().calls) - _COMMON) | _TELLING
    return frozenset(name.encode() for name in names)


_HANDLERS = tuple(
    mark.encode()
    for mark in "request.args request.form request.GET request.POST request.json request.get_json request.data"
    " request.FILES request.files request.query request.values request.cookies request.COOKIES .route( @app. @router."
    " get_argument(".split()
)
"""What stands in files that take values out of requests."""


def _requests_first(target: Target, sources: Sequence[Listed]) -> list[Listed]:
    """Files that take values out of requests come first: what they hand on is then known for the others."""
    first = {source for source, data in each_read(target, sources, []) if any(mark in data for mark in _HANDLERS)}
    return sorted(sources, key=lambda source: source not in first)


def _read_file(data: bytes, path: str, found: list[Weak], handed: dict[str, dict[object, Origin]] | None = None) -> str:
    """Add what is weak in a file; give what kept it from being read, or an empty text."""
    _find_bidi(data, path, found)
    if _gate().isdisjoint(_WORD.findall(data)) and b"debug=True" not in data:
        return ""
    if len(data) > MAX_BYTES:
        return "is too large to be read closely"
    try:
        tree = parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "is not Python 3, newer than this Python, or nested too deeply"
    rules = all_rules()
    reader = PythonReader(tree, rules.calls, rules.nodes, _module_of(path), handed)
    try:
        reader.read()
    except RecursionError:
        return "is nested too deeply"
    finally:
        lines = data.split(b"\n") if reader.flaws else []
        for flaw in reader.flaws:
            line = lines[flaw.line - 1] if flaw.line <= len(lines) else b""
            found.append(
                Weak(
                    rule_id=flaw.rule_id,
                    weakness=flaw.kind.weakness,
                    cwe=flaw.kind.cwe,
                    severity=flaw.kind.severity,
                    confidence=flaw.confidence,
                    path=path,
                    line=flaw.line,
                    column=flaw.column,
                    message=flaw.message,
                    suppressed=is_marked(line),
                )
            )
    return "" if reader.is_complete else "is too long-winded to be followed to its end"


def _module_of(path: str) -> str:
    folder, name = posixpath.split(path)
    return posixpath.basename(folder) if name == "__init__.py" else name.partition(".")[0]


def _find_bidi(data: bytes, path: str, found: list[Weak]) -> None:
    """Signs that turn the direction of writing: the code is not what a person reads. Unicode TR 36."""
    at = next((place for sign in _BIDI if (place := data.find(sign)) >= 0), -1)
    if at >= 0:
        line = data.count(b"\n", 0, at) + 1
        message = "hidden signs turn the direction of the text: the code is not what it looks like"
        found.append(Weak("bidi-signs", "hidden-text", 1007, "high", "high", path, line, 1, message))


def parse(data: bytes) -> ast.Module:
    """The syntax tree of a file.

    Raises:
        SyntaxError, ValueError, RecursionError, MemoryError: it is no Python 3, or made to break readers.
    """
    _quiet()
    return ast.parse(data, PLACE_NAME)


@lru_cache(maxsize=1)
def _quiet() -> None:
    """Warnings about the text of projects are not for our terminal."""
    warnings.filterwarnings("ignore", module=re.escape(PLACE_NAME))
