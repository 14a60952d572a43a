"""Protocols spoken over a connection that is given: bytes in, facts out. Judges nothing, opens nothing."""
