"""How documents are set: by typst, with the fonts that come with it, and nothing from the machine or the network."""

from functools import cache
from pathlib import Path

import typst

FOLDER = Path(__file__).resolve().parent


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def typeset(template: str, values: dict[str, str], *, timestamp: int = 0) -> bytes:
    """Return a template as a PDF that archives keep (PDF/A-2a) and assistive technology reads (PDF/UA-1).

    Args:
        template: a file of this folder.
        values: what it shows; typst reads them as data, so that nothing in them is markup.
        timestamp: when it is said to be made; the same values and moment give the same bytes.

    Raises ``typst.TypstError``, also for letters that no font has.
    """
    # One for each: a compiler cannot be used by two threads at a time.
    compiler = typst.Compiler(FOLDER / template, root=FOLDER, font_paths=_fonts(), sys_inputs=values)
    pdf = compiler.compile(format="pdf", pdf_standards=["a-2a", "ua-1"], timestamp=timestamp)
    assert isinstance(pdf, bytes)  # noqa: S101 - for the type checker; several files come for pictures only
    return pdf
