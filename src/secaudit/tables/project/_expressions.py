"""Expressions `${{ }}` of GitHub Actions: which of them put text that a stranger chose into a script."""

from __future__ import annotations

from typing import Iterator, NamedTuple

MAX_EXPRESSION = 4_000

_EXACT = frozenset(
    (
        "github.head_ref",
        "github.event.pull_request.title",
        "github.event.pull_request.body",
        "github.event.pull_request.head.ref",
        "github.event.pull_request.head.label",
        "github.event.pull_request.head.repo.default_branch",
        "github.event.pull_request.head.repo.description",
        "github.event.pull_request.head.repo.homepage",
        "github.event.issue.title",
        "github.event.issue.body",
        "github.event.comment.body",
        "github.event.review.body",
        "github.event.review_comment.body",
        "github.event.discussion.title",
        "github.event.discussion.body",
        "github.event.head_commit.message",
        "github.event.head_commit.author.name",
        "github.event.head_commit.author.email",
        "github.event.head_commit.committer.name",
        "github.event.head_commit.committer.email",
        "github.event.workflow_run.head_branch",
        "github.event.workflow_run.display_title",
        "github.event.workflow_run.head_commit.message",
        "github.event.workflow_run.head_commit.author.name",
        "github.event.workflow_run.head_commit.author.email",
        "github.event.workflow_run.head_repository.description",
        "github.event.fork.forkee.description",
        "github.event",
        "github",
    )
)
"""Fields whose text whoever opens a pull request, an issue or a comment chooses."""
_LISTS = ("github.event.commits", "github.event.pages", "github.event.workflow_run.pull_requests")
_LIST_FIELDS = (".message", ".author.name", ".author.email", ".committer.name", ".page_name", ".title", ".head.ref")
_HARMLESS_CALLS = frozenset(("contains", "startswith", "endswith", "hashfiles", "success", "failure", "always"))
CHOSEN_BY_WRITERS = frozenset(
    "github.ref github.ref_name github.event.ref github.event.release.name github.event.release.body"
    " github.event.release.tag_name github.event.client_payload github.event.workflow_run.name".split()
)
"""Names of branches, tags and releases: text of those who may write, or of a program that makes tags."""
HEADS = (
    "github.event.pull_request.head.sha", "github.event.pull_request.head.ref", "github.head_ref",
    "github.event.pull_request.head.repo.full_name", "github.event.pull_request.merge_commit_sha",
    "github.event.workflow_run.head_sha", "github.event.workflow_run.head_branch",
    "github.event.workflow_run.head_commit.id",
    "github.event.workflow_run.head_repository.full_name", "github.event.pull_request.number", "github.event.number",
    "github.event.issue.number",
)  # fmt: skip
"""What names the commits of a stranger, when it is checked out."""


class Use(NamedTuple):
    """One context in one expression."""

    name: str
    """In lower case, with dots: `github.event.issue.title`."""
    compared: bool
    """True when only the outcome of a comparison is put in."""
    offset: int
    """Where its `${{` stands in the text."""


def expressions_of(text: str) -> Iterator[tuple[int, str]]:
    """Yield place and inside of each `${{ }}`."""
    position = text.find("${{")
    while position >= 0:
        end = text.find("}}", position)
        if end < 0:
            return
        yield position, text[position + 3 : min(end, position + 3 + MAX_EXPRESSION)]
        position = text.find("${{", end)


def uses_of(text: str) -> Iterator[Use]:
    """Yield all contexts of all expressions of a text."""
    for offset, inner in expressions_of(text):
        tokens = _tokens(inner)
        calls: list[str] = []
        for number, token in enumerate(tokens):
            following = tokens[number + 1] if number + 1 < len(tokens) else ""
            before = tokens[number - 1] if number else ""
            if token == "(":  # noqa: S105  a token of an expression
                calls.append(before.lower() if before[:1].isalpha() else "")
            elif token == ")":  # noqa: S105  a token of an expression
                if calls:
                    calls.pop()
            elif token[:1].isalpha() and following != "(":
                compared = following in ("==", "!=", "<", ">", "<=", ">=") or before in (
                    "==",
                    "!=",
                    "<",
                    ">",
                    "<=",
                    ">=",
                    "!",
                )
                yield Use(token.lower(), compared or not _HARMLESS_CALLS.isdisjoint(calls), offset)


def _tokens(inner: str) -> list[str]:
    """Names with their fields as one token, operators, brackets; texts in quotes as `''`."""
    found: list[str] = []
    position = 0
    while position < len(inner):
        char = inner[position]
        if char.isalpha() or char == "_":
            start = position
            parts = []
            while position < len(inner):
                char = inner[position]
                if char.isalnum() or char in "_-*.":
                    position += 1
                elif char == "[":
                    end = inner.find("]", position)
                    if end < 0:
                        position = len(inner)
                        break
                    key = inner[position + 1 : end].strip().strip("'")
                    parts.append(f"{inner[start:position]}.{key if key else '*'}".replace("..", "."))
                    position = end + 1
                    start = position
                else:
                    break
            found.append("".join([*parts, inner[start:position]]).strip("."))
        elif char == "'":
            end = inner.find("'", position + 1)
            position = len(inner) if end < 0 else end + 1
            found.append("''")
        elif inner[position : position + 2] in ("==", "!=", "<=", ">=", "&&", "||"):
            found.append(inner[position : position + 2])
            position += 2
        else:
            if not char.isspace():
                found.append(char)
            position += 1
    return found


def is_untrusted(name: str) -> bool:
    """Whether a context holds text that a stranger chose."""
    if name in _EXACT:
        return True
    return name.startswith(_LISTS) and name.endswith(_LIST_FIELDS)


def untrusted_in(text: str, environment: dict[str, bool]) -> Iterator[Use]:
    """Yield the uses that put a stranger's text in; `env.X` too, when X was given such a text."""
    for use in uses_of(text):
        if use.compared:
            continue
        if is_untrusted(use.name) or (use.name.startswith("env.") and environment.get(use.name[4:], False)):
            yield use


def names_strangers_commits(text: str) -> bool:
    """Whether a `ref:` or `repository:` names what a stranger pushed."""
    low = text.lower()
    if "refs/pull/" in low or "pull/${{" in low.replace(" ", ""):
        return True
    return any(
        use.name in HEADS
        for use in uses_of(text)
        if use.name not in ("github.event.issue.number", "github.event.number")
    )
