"""Licences that installed packages tell: package.json in node_modules, METADATA in a virtual environment."""

from __future__ import annotations

import posixpath
import re

from secaudit.tableapi import Target
from secaudit.tables.project._package_model import Package, normal_name
from secaudit.tables.project._package_text import load_object
from secaudit.tables.project._pkg_npm import licence_of

MAX_LOOKS = 3_000
FILE_LIMIT_BYTES = 512 * 1024
_ENVIRONMENTS = ("/.venv", "/venv", "/env")
_FIELD = re.compile(r"^(License-Expression|License|Classifier): *(.*)$", re.MULTILINE | re.IGNORECASE)


class Installed:
    """What lies in the project's folder beside its code; nothing of it is tracked as a rule."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._looks = 0
        self._python: dict[tuple[str, str], str] | None = None

    def licence(self, package: Package) -> tuple[str, str]:
        """The licence as written, and the file that says it; both empty when it is not installed here."""
        if package.ecosystem == "npm":
            return self._of_npm(package)
        if package.ecosystem == "PyPI":
            return self._of_python(package)
        return "", ""

    def _read(self, path: str) -> str:
        if self._looks >= MAX_LOOKS:
            return ""
        self._looks += 1
        try:
            return self._target.read_unlisted(path, FILE_LIMIT_BYTES).decode("utf-8", "replace")
        except OSError:
            return ""

    def _of_npm(self, package: Package) -> tuple[str, str]:
        if not re.fullmatch(r"(@[\w.~-]+/)?[\w.~-]+", package.name) or ".." in package.name:
            return "", ""
        path = posixpath.join(posixpath.dirname(package.path), "node_modules", package.name, "package.json")
        text = self._read("/" + path)
        try:
            data = load_object(text) if text else {}
        except Exception:  # noqa: BLE001  a damaged file of somebody else tells nothing
            return "", ""
        if data.get("version") != package.version:
            return "", ""
        return licence_of(data), path

    def _of_python(self, package: Package) -> tuple[str, str]:
        if self._python is None:
            self._python = self._listed()
        path = self._python.get((package.name, package.version), "")
        if not path:
            return "", ""
        head = self._read(path).partition("\n\n")[0]
        fields: dict[str, list[str]] = {}
        for key, value in _FIELD.findall(head):
            fields.setdefault(key.lower(), []).append(value.strip())
        licences = [word for word in fields.get("classifier", ()) if word.startswith("License :: ")]
        written = (fields.get("license-expression") or [""])[0] or (licences[0] if len(licences) == 1 else "")
        written = written or (fields.get("license") or [""])[0]
        return ("" if written.upper() == "UNKNOWN" else written), path.lstrip("/")

    def _listed(self) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        for top in _ENVIRONMENTS:
            try:
                folders = self._target.glob(f"{top}/lib/python3*/site-packages/*.dist-info")
            except OSError:
                continue
            for folder in folders:
                name, _, version = posixpath.basename(folder).removesuffix(".dist-info").partition("-")
                found.setdefault((normal_name("PyPI", name), version), f"{folder}/METADATA")
        return found
