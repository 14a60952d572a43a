"""What is spoken on the network, as pure code: build and read messages. Nothing here opens a connection or judges."""
