"""``python -m knowledge.locale`` updates the German catalogue and lists what is still untranslated."""

import sys

from knowledge.locale.catalogue import untranslated, update

missing = untranslated(update())
for text in missing:
    sys.stdout.write(f"{text}\n")
sys.exit(1 if missing else 0)
