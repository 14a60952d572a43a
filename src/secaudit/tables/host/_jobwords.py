"""Which files a command line starts: enough of the shell's grammar to find programs and scripts, not more."""

from __future__ import annotations

import posixpath
import re
from typing import Iterator

from secaudit.tableapi import Target

MAX_WORDS = 200
_REDIRECT = re.compile(r"\d?[<>]{1,2}&?\s*[^\s;|&<>]*")
_SEGMENT = re.compile(r"[;|&()`\n{}]+")
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_INTERPRETER = re.compile(
    r"(?:(?:ba|da|z|k|c|a|tc|fi)?sh|busybox|python[\d.]*|perl[\d.]*|php[\d.]*|ruby[\d.]*|node|nodejs|lua[\d.]*|Rscript|java|"
    r"g?awk|expect|tclsh|source|\.)"
)
_WRAPPERS = frozenset(
    "env nice ionice nohup chronic sudo exec time command setsid chrt taskset if then do else !".split()
)
_TEST = frozenset(("test", "["))


def files_of(target: Target, command: str, search_path: str, denied: list[str]) -> Iterator[str]:
    """Give the absolute paths of existing program and script files that the command would start.

    Found are: absolute paths of executable files, scripts given to an interpreter, scripts of a folder given to
    run-parts, and the first word of each part of the command, looked up in the search path. Names built from
    variables are not followed.
    """
    folder = ""
    text = _REDIRECT.sub(" ", command.replace("\\\n", " "))
    for segment in _SEGMENT.split(text):
        words = [word.strip("\"'") for word in segment.split()[:MAX_WORDS]]
        while words and (words[0] in _WRAPPERS or _ASSIGNMENT.match(words[0])):
            words.pop(0)
        if not words:
            continue
        first = posixpath.basename(words[0])
        if first in _TEST:  # test -x FILE names what runs next
            continue
        if first == "cd":
            folder = words[1] if len(words) > 1 and words[1].startswith("/") else ""
            continue
        if "/" not in words[0]:
            found = _look_up(target, words[0], search_path)
            if found is not None:
                yield found
        interpreted = False
        for word in words:
            interpreted = interpreted or _INTERPRETER.fullmatch(posixpath.basename(word)) is not None
            path = _absolute(word, folder)
            if path is None:
                continue
            yield from _started(target, path, interpreted, first == "run-parts", denied)


def _absolute(word: str, folder: str) -> str | None:
    if "$" in word or "*" in word:
        return None
    if word.startswith("/"):
        return posixpath.normpath(word)
    if folder and not word.startswith("-"):
        return posixpath.normpath(f"{folder}/{word}")
    return None


def _started(target: Target, path: str, interpreted: bool, parts: bool, denied: list[str]) -> Iterator[str]:
    try:
        found = target.stat(path)
        if found.kind == "file" and (interpreted or found.mode & 0o111):
            yield path
        elif found.kind == "dir" and parts:
            for name in target.listdir(path):
                yield from _started(target, f"{path}/{name}", False, False, denied)
    except PermissionError:
        denied.append(path)
    except OSError:
        return


def _look_up(target: Target, name: str, search_path: str) -> str | None:
    for folder in search_path.split(":"):
        if folder.startswith("/"):
            path = f"{folder.rstrip('/')}/{name}"
            try:
                found = target.stat(path)
            except OSError:
                continue
            if found.kind == "file" and found.mode & 0o111:
                return path
    return None
