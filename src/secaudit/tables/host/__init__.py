"""Tables about a machine, running or as a mounted file system."""

KINDS = ("host", "root")
"""The kinds of target that these tables look at."""
