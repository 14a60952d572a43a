"""Tables about a project: a folder of source code, with or without git."""

KINDS = ("project",)
"""The kinds of target that these tables look at."""
