"""Where a package of npm comes from, as npm-package-arg and the lock files write it."""

from __future__ import annotations

import re

from secaudit.tables.project._package_model import Document, without_login

USUAL = ("https://registry.npmjs.org/", "https://registry.yarnpkg.com/")
_EXACT = re.compile(r"[=v\s]*(\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?)(?:\+[0-9A-Za-z.-]+)?\s*")
_SHORT = re.compile(r"(?:github:|gitlab:|bitbucket:|gist:)|^[\w.-]+/[\w.-]+(?:#.*)?$")
_GIT = ("git+", "git:", "git@", "ssh://git@", "github:", "gitlab:", "bitbucket:", "gist:")
_PATH = ("file:", "link:", "workspace:", "portal:", "./", "../", "/", "~/")
_TARBALL = re.compile(r"/-/|/download/|/tarballs?/")


def source_of(place: str) -> tuple[str, str, str]:
    """Source, location and git revision of an address; the usual registry has no location."""
    if not place or place.startswith(USUAL):
        return "registry", "", ""
    if place.startswith(_PATH):
        return "path", place, ""
    bare, _, fragment = place.partition("#")
    if place.startswith(_GIT) or _SHORT.match(place) or bare.endswith(".git"):
        revision = fragment.removeprefix("commit=").partition("&")[0]
        return "git", without_login(bare.removeprefix("git+")), "" if revision.startswith("semver:") else revision
    if place.startswith(("http://", "https://")):
        archive = re.match(r"https://codeload\.github\.com/[^/]+/[^/]+/tar\.gz/([0-9a-f]{40})$", bare)
        if archive:
            return "git", without_login(bare), archive.group(1)
        return ("registry" if _TARBALL.search(bare) else "url"), without_login(bare), ""
    return "registry", "", ""


def exact_npm(requirement: str) -> str:
    """The version when the requirement allows one only."""
    match = _EXACT.fullmatch(requirement)
    return match.group(1) if match else ""


def add_asked(document: Document, name: str, requirement: str, line: int, scope: str) -> None:
    """One line of a manifest."""
    wanted = requirement.strip()
    alias = re.fullmatch(r"npm:(@?[^@]+)(?:@(.+))?", wanted)
    if alias:
        document.declared.setdefault(name, requirement)
        document.add(
            alias.group(1), exact_npm(alias.group(2) or ""), requirement=wanted, line=line, direct=1, scope=scope
        )
        return
    source, location, revision = ("registry", "", "") if not wanted else source_of(wanted)
    if source == "path" and wanted.startswith("workspace:"):
        document.add(name, requirement=wanted, line=line, direct=1, scope=scope, source="path", location="")
        return
    document.ask(name, requirement, line, scope, version=exact_npm(wanted), source=source, location=location,
                 revision=revision, hashed=0 if source == "url" else None)  # fmt: skip
