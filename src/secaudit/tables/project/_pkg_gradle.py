"""build.gradle and build.gradle.kts: programs, which are not run. Dependencies that are written out are read."""

from __future__ import annotations

import re

from secaudit.tables.project._package_model import Document, Format

_USES = (
    "implementation", "api", "compile", "compileonly", "runtime", "runtimeonly", "classpath", "developmentonly",
    "annotationprocessor", "kapt", "ksp",
)  # fmt: skip
"""How the word for a use ends, in lower case: `testImplementation`, `debugApi` ..."""
_LINE = re.compile(r"^\s*(\w+)\s*\(?\s*(.+)$")
_TEXT = re.compile(r"""(?:(?:enforcedP|p)latform\s*\(\s*)?["']([\w.-]+):([\w.-]+)(?::([^"'@:]+))?[^"']*["']""")
_KNOWN = re.compile(
    r"""(?:(?:enforcedP|p)latform\s*\(\s*)?(?:project\s*\(|projects\.|libs\.|files\s*\(|fileTree\s*\(|gradleApi|localGroovy|kotlin\s*\(|testFixtures\s*\()"""
)
_MAP = re.compile(
    r"""group\s*[:=]\s*["']([\w.-]+)["'],\s*name\s*[:=]\s*["']([\w.-]+)["'](?:,\s*version\s*[:=]\s*["']([^"']+)["'])?"""
)
_EXACT = re.compile(r"\d[\w.-]*(?:!!)?")
MAX_CHARS = 2_000
"""Of one line."""


def _read(document: Document) -> None:
    depth, inside = 0, 0
    for line, text in enumerate(document.text.splitlines(), 1):
        bare = text.split("//")[0] if "://" not in text else text
        start = re.search(r"\bdependencies\s*\{", bare)
        if start and not inside:
            inside = depth + bare[: start.end()].count("{") - bare[: start.start()].count("}")
        if inside and len(bare) <= MAX_CHARS:
            _read_line(document, bare[start.end() :] if start else bare, line)
        depth += bare.count("{") - bare.count("}")
        if inside and depth < inside:
            inside = 0


def _read_line(document: Document, text: str, line: int) -> None:
    match = _LINE.match(text)
    if match is None or not match.group(1).lower().endswith(_USES):
        return
    word, rest = match.groups()
    found = _TEXT.match(rest) or _MAP.search(rest)
    if found is None:
        if not _KNOWN.match(rest):
            document.note(f"line {line} names a package in a form that we do not understand")
        return
    group, name, version = found.groups()
    scope = "dev" if "test" in word.lower() else "build" if word in ("classpath", "annotationProcessor") else "runtime"
    exact = version is not None and _EXACT.fullmatch(version) is not None
    document.ask(f"{group}:{name}", version or "set elsewhere", line, scope,
                 version=version.rstrip("!") if exact and version else "")  # fmt: skip


FORMATS = (Format("build.gradle", "Maven", "manifest", ("build.gradle", "build.gradle.kts"), _read),)
