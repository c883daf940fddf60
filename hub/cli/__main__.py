"""``python -m hub.cli`` is the command line."""

import sys

try:
    from hub.cli.main import run

    run()
except KeyboardInterrupt:  # before the command line could take care of it itself
    sys.exit(130)
