"""TLS from the outside: hellos from code points and the plain answers to them. It does no cryptography."""
