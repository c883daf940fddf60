"""``python -m hub.cli`` is the command line."""

import gc
import sys

# Starting makes many objects that stay; looking through them for garbage again and again costs a tenth of the start.
gc.set_threshold(50_000, 20, 50)

try:
    from hub.cli.main import run

    run()
except KeyboardInterrupt:  # before the command line could take care of it itself
    sys.exit(130)
