"""Where documents that tell people how a project is run stand, by the rules of the code hosts."""

from __future__ import annotations

import posixpath

from secaudit.tables.project._roles import role_of

ENDINGS = ("", ".md", ".markdown", ".rst", ".txt", ".adoc", ".org")
HOST_FOLDERS = ("", ".github", ".gitlab", "docs")
"""Where GitHub and GitLab look for them."""

_STEMS = {
    "readme": ("readme",),
    "licence": ("license", "licence", "copying", "unlicense"),
    "security": ("security",),
    "contributing": ("contributing",),
    "changelog": ("changelog", "changes", "history", "news"),
}
_NAMES = {
    "code-owners": {"CODEOWNERS", ".github/CODEOWNERS", ".gitlab/CODEOWNERS", "docs/CODEOWNERS"},
    "update-bot": {
        ".github/dependabot.yml", ".github/dependabot.yaml", "renovate.json", "renovate.json5", ".renovaterc",
        ".renovaterc.json", ".renovaterc.json5", ".github/renovate.json", ".github/renovate.json5",
        ".gitlab/renovate.json", ".gitlab/renovate.json5", ".pyup.yml", ".pyup.yaml",
    },
    "pre-commit": {
        ".pre-commit-config.yaml", ".pre-commit-config.yml", "lefthook.yml", "lefthook.yaml", ".lefthook.yml",
    },
    "attributes": {".gitattributes"},
}  # fmt: skip
KINDS = (*_STEMS, "security-txt", *_NAMES)


def kind_of(path: str) -> str:
    """What kind of document stands at a path; empty for all other files."""
    for kind, paths in _NAMES.items():
        if path in paths:
            return kind
    folder, name = posixpath.split(path)
    low = name.lower()
    if low == "security.txt" and (posixpath.basename(folder) == ".well-known" or folder in ("", "public", "static")):
        return "security-txt" if role_of(folder + "/x") == "code" else ""
    if folder not in HOST_FOLDERS:
        return ""
    stem, dot, ending = low.partition(".")
    if dot + ending not in ENDINGS:
        return ""
    for kind, stems in _STEMS.items():
        if stem in stems or (kind == "licence" and stem.startswith(("license-", "licence-", "license_"))):
            return kind
    return ""
