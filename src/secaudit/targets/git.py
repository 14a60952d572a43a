"""How git is asked about a project: it reads, and nothing that the project brings can make it do more.

A repository can name programs in its own configuration (hooks, file system monitors, pagers, signature checkers,
transports). Each of these is switched off on the command line, which wins over the repository's file: git-config(1),
gitattributes(5). Only commands that need no filter and no text conversion are allowed.
"""

from __future__ import annotations

import os

from secaudit.tableapi import Unsupported

COMMANDS = frozenset(
    {
        "cat-file",
        "check-ignore",
        "diff-index",
        "for-each-ref",
        "log",
        "ls-files",
        "ls-tree",
        "rev-list",
        "rev-parse",
        "version",
    }
)
"""None of these runs a filter, a hook or a text conversion as we call them."""

EXIT_CODES = {"check-ignore": (0, 1)}
"""Exit codes of an answer where 0 is not the only one: 1 says that none of the paths is ignored."""

_OFF = {
    "safe.directory": "*",  # reading is all we do, whoever owns it
    "core.fsmonitor": "false",
    "core.hooksPath": os.devnull,
    "core.untrackedCache": "false",
    "core.excludesFile": os.devnull,
    "core.attributesFile": os.devnull,
    "core.alternateRefsCommand": "",
    "core.pager": "cat",
    "core.sshCommand": "false",
    "core.gitProxy": "false",
    "core.askPass": "false",
    "credential.helper": "",
    "protocol.allow": "never",
    "diff.external": "",
    "log.showSignature": "false",
    "gpg.program": "false",
    "gpg.ssh.program": "false",
    "gpg.x509.program": "false",
    "gc.auto": "0",
    "maintenance.auto": "false",
    "submodule.recurse": "false",
    "core.quotePath": "false",
}
ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_PAGER": "cat",
}


def git_words(folder: str, words: list[str]) -> list[str]:
    """The whole command line for a git command with its words, such as `["ls-files", "-z"]`.

    Raises:
        Unsupported: the command is not one that only reads.
    """
    if not words or words[0] not in COMMANDS:
        raise Unsupported(f"git {' '.join(words[:1])} is not asked: it may do more than read")
    switches = [word for key, value in _OFF.items() for word in ("-c", f"{key}={value}")]
    literal = [] if words[0] == "check-ignore" else ["--literal-pathspecs"]  # it takes paths as they are and says so
    return ["git", "--no-pager", *literal, *switches, *_place(folder), *words]


def _place(folder: str) -> list[str]:
    """Say where the repository is, so that its own core.worktree cannot send git elsewhere."""
    own = os.path.join(folder, ".git")
    if os.path.isdir(own) and not os.path.islink(own):
        return [f"--git-dir={own}", f"--work-tree={folder}"]
    if os.path.isfile(os.path.join(folder, "HEAD")) and os.path.isdir(os.path.join(folder, "objects")):
        return [f"--git-dir={folder}", "--bare"]
    return []
