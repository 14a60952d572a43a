"""python -m secaudit."""

from secaudit.cli.main import run

run()
