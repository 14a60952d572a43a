"""Messages of network protocols: built, and read within limits. Nothing here opens a connection or judges."""
