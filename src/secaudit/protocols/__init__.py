"""Protocols spoken by hand: bytes in, facts out. Nothing here opens a connection or judges; see `Wire` in tableapi.py."""
