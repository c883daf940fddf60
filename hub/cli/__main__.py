"""``python -m hub.cli`` is the command line."""

from hub.cli.main import run

run()
