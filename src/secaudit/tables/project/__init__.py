"""Tables about a project: a folder of source code, with or without git."""
