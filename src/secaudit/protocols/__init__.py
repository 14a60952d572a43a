<<<<<<< HEAD
"""What is spoken on the network, as pure code: build and read messages. Nothing here opens a connection or judges."""
=======
"""Protocols spoken over a connection that is given: bytes in, facts out. Judges nothing, opens nothing."""
>>>>>>> main
