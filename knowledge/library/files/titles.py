"""The title of a file."""

import re
from collections.abc import Sequence

from knowledge.library.files.blocks import Block
from knowledge.library.files.characters import one_line

_JUNK = re.compile(
    r"^(?:microsoft (?:word|powerpoint|excel)\b.*|powerpoint[- ]pr[äe]sentation|untitled|unbenannt|ohne titel|"
    r"dokument ?\d*|document ?\d*|präsentation ?\d*|presentation ?\d*|folie ?\d*|slide ?\d*|titel|title|"
    r".*\.(?:docx?|pptx?|xlsx?|pdf|indd|odt|odp|ods|rtf|tex|qxd|txt|html?)|[\W\d_]*)$",
    re.IGNORECASE,
)


def title_from_metadata(title: str | None) -> str | None:
    """Return the title that a program wrote into the file, unless it is junk („Microsoft Word - Dok1.doc“)."""
    text = one_line(title or "")
    return None if len(text) < 4 or len(text) > 300 or _JUNK.match(text) else text


def first_heading(blocks: Sequence[Block]) -> str | None:
    """Return the first heading of the highest level, if it stands near the beginning."""
    headings = [block for block in blocks[:12] if block.kind == "heading"]
    if not headings:
        return None
    top = min(block.level for block in headings)
    return next(block.text for block in headings if block.level == top)
