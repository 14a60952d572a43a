"""Servers on loopback with faults to be named: for tests and for lessons."""
