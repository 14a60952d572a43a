"""Where content lies: beside the package in a wheel, or in the checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from secaudit.errors import ContentError

KINDS = ("checks", "standards", "reports")


@cache
def content_root() -> Path:
    """The folder that holds checks/, standards/ and reports/.

    Raises:
        ContentError: neither the wheel's nor the checkout's content is there.
    """
    package = Path(__file__).resolve().parent.parent
    packed = package / "_content"
    if packed.is_dir():
        return packed
    checkout = package.parent.parent
    if (checkout / "checks").is_dir() and (checkout / "pyproject.toml").is_file():
        return checkout
    raise ContentError("the checks and standards of secaudit are missing", (("fix", "install secaudit again"),))


def user_content() -> Path:
    """The user's own content: checks and standards here are added, or replace ours by id."""
    from platformdirs import user_config_path

    return user_config_path("secaudit")
