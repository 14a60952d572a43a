"""Protocols spoken by hand: bytes in, facts out, over a `Wire` that is given. Nothing here opens one or judges."""
