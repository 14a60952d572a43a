"""secaudit: shows how ready a computer, and the person who works on it, is for a client's trust."""

__all__ = ["__version__"]

__version__ = "0.1.0"
