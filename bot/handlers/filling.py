"""Sentences with commands and links in them, which translators may put where their language wants them."""

import re

from bot.core.text import Span

_PLACE = re.compile(r"\{(\w+)\}")


def filled(sentence: str, **spans: Span) -> tuple[str | Span, ...]:
    """Return a translated sentence with spans in the places of their names: ``Write {command} …``."""
    parts: list[str | Span] = []
    for number, part in enumerate(_PLACE.split(sentence)):
        if number % 2:
            parts.append(spans[part])
        elif part:
            parts.append(part)
    return tuple(parts)
