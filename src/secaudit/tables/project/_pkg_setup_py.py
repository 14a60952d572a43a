"""setup.py: a program, which is not run. Lists that are written out in it are read; what it computes is said."""

from __future__ import annotations

import ast

from secaudit.tables.project._package_model import Document, Format, Unreadable
from secaudit.tables.project._python_names import ask_for

MAX_BYTES = 512 * 1024
_LISTS = {"install_requires": "runtime", "setup_requires": "build", "tests_require": "dev"}
_TEXTS = ("name", "version", "license", "python_requires")


def _read(document: Document) -> None:
    if len(document.data) > MAX_BYTES:
        raise Unreadable(f"it is a program of more than {MAX_BYTES >> 10} KB")
    try:
        tree = ast.parse(document.text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise Unreadable("it is no program that Python can read") from None
    known = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _name_of(node.func) == "setup"]
    document.concerns = bool(calls)
    for call in calls[:5]:
        for word in call.keywords:
            value = known.get(word.value.id, word.value) if isinstance(word.value, ast.Name) else word.value
            _read_word(document, word.arg or "", value, word.value.lineno)


def _name_of(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _read_word(document: Document, word: str, value: ast.AST, line: int) -> None:
    if word in _TEXTS and isinstance(value, ast.Constant) and isinstance(value.value, str):
        if word == "name":
            document.name, document.publishes = value.value, 1
        elif word == "version":
            document.version = value.value
        elif word == "license":
            document.licence = value.value
        else:
            document.runs("python", value.value, line)
    elif word in _LISTS:
        _ask_all(document, word, value, _LISTS[word], line)
    elif word == "extras_require":
        if not isinstance(value, ast.Dict):
            document.note(f"line {line}: {word} is computed by the program")
            return
        for key, each in zip(value.keys, value.values):  # noqa: B905  the word strict is newer than Python 3.9
            name = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
            _ask_all(document, word, each, "dev" if "dev" in name or "test" in name else "optional", line)


def _ask_all(document: Document, word: str, value: ast.AST, scope: str, line: int) -> None:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        for text in value.value.splitlines():
            if text.strip():
                ask_for(document, text, value.lineno, scope)
        return
    if not isinstance(value, (ast.List, ast.Tuple)):
        document.note(f"line {line}: {word} is computed by the program")
        return
    for each in value.elts:
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            ask_for(document, each.value, each.lineno, scope)
        else:
            document.note(f"line {each.lineno}: {word} is computed by the program")


FORMATS = (Format("setup.py", "PyPI", "manifest", ("setup.py",), _read),)
