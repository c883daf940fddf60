"""Where in a document a passage stands, in words that a person can follow."""

import re
from collections.abc import Sequence

from knowledge.kit.language import _

MAX_HEADING = 90
"""Characters; a longer heading is cut at a word."""

_NUMBERED = re.compile(r"(\d{1,3}(?:\.\d{1,3}){0,5}|[IVX]{1,5}|[A-Za-z])([.)])?\s+(?=\S)")


def locator(
    place: str | None,
    number: int | None,
    *,
    last_number: int | None = None,
    label: str | None = None,
    headings: Sequence[str] = (),
) -> str | None:
    """Return „S. 3–4, Abschnitt 4.1 Ökologische Nachhaltigkeit", „Folie 7", „Blatt ‚Haushalt'" or None.

    ``place`` is ``page``, ``slide`` or ``sheet``; of ``headings`` (outermost first) the innermost is named.
    """
    spot = _spot(place, number, last_number, label)
    section = _section(headings, label)
    if spot and section:
        return f"{spot}, {section}"
    return spot or section


def _spot(place: str | None, number: int | None, last_number: int | None, label: str | None) -> str | None:
    if place == "sheet":
        return _("sheet ‘{label}’").format(label=label) if label else _numbered(_("sheet {number}"), number)
    if place == "slide":
        return _numbered(_("slide {number}"), number)
    if place == "page" and number is not None and last_number is not None and last_number > number:
        return _("pp. {first}–{last}").format(first=number, last=last_number)
    return _numbered(_("p. {number}"), number) if place == "page" else None


def _numbered(pattern: str, number: int | None) -> str | None:
    return None if number is None else pattern.format(number=number)


def _section(headings: Sequence[str], label: str | None) -> str | None:
    heading = next((" ".join(text.split()) for text in reversed(headings) if text.strip()), "")
    if not heading or heading == label:
        return None
    short = _shortened(_without_stop(heading))
    if _NUMBERED.match(short):
        return _("section {heading}").format(heading=short)
    return _("section ‘{heading}’").format(heading=short)


def _without_stop(heading: str) -> str:
    """„4.1. Ökologische Nachhaltigkeit" is quoted as „4.1 Ökologische Nachhaltigkeit"."""
    found = _NUMBERED.match(heading)
    if found is None or found[2] is None:
        return heading
    return f"{found[1]}{')' if found[2] == ')' else ''} {heading[found.end() :]}"


def _shortened(heading: str) -> str:
    if len(heading) <= MAX_HEADING:
        return heading
    cut = heading.rfind(" ", 0, MAX_HEADING)
    return heading[: cut if cut > 0 else MAX_HEADING].rstrip(" ,;:–-") + " …"
