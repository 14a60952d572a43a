"""Every error that a person may see.

SecauditError            70  a bug when raised by itself
|- UsageError             2  an option or argument is wrong
|- ContentError           2  a check, standard or profile is wrong
|- StateError             2  a stored run cannot be read or written
|- TargetError            3  the target cannot be looked at
|  `- ConsentMissing      5  nothing was sent, since nobody allowed it
`- NothingSelected        3  no check is left to run
"""

from __future__ import annotations


class SecauditError(Exception):
    """What is wrong, where, and how to mend it.

    Args:
        message: one line; names the file, command or option.
        hints: pairs of a short label and a text, shown below ("fix", "columns", "tip").
    """

    exit_code = 70

    def __init__(self, message: str, hints: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.hints = hints


class UsageError(SecauditError):
    """An option, argument or id is wrong."""

    exit_code = 2


class ContentError(SecauditError):
    """A check, control set or profile is wrong. Names the file and the line."""

    exit_code = 2


class StateError(SecauditError):
    """The folder of stored runs cannot be read or written, or a stored run is damaged."""

    exit_code = 2


class TargetError(SecauditError):
    """The target does not exist or cannot be looked at."""

    exit_code = 3


class ConsentMissing(TargetError):
    """A network target was named, and nobody said that it may be looked at. Nothing was sent."""

    exit_code = 5


class NothingSelected(SecauditError):
    """The options left no check to run."""

    exit_code = 3
