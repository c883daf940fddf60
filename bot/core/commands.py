"""What a person's words are: a command, a number, a question, or nothing that can be answered."""

import difflib
import re
import unicodedata
from collections.abc import Iterable

# Invisible characters: they hide commands, and make texts look empty or run backwards.
INVISIBLE = re.compile("[\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")
_COMMAND = re.compile(r"/([^\W_][\w-]{0,31})(?:\s+(.*))?", re.DOTALL)
_NUMBER = re.compile(r"\(?(\d{1,2})[.)]?")
# What keyboards put behind a digit to make a key of it.
_KEYCAP = "\u20e3"
TEN = "\U0001f51f"


def visible(text: str) -> str:
    """Return a text without what cannot be seen, and without margins."""
    return INVISIBLE.sub("", text).strip()


def parse_command(text: str) -> tuple[str, str] | None:
    """Return the name, in small letters, and the argument of a command; ``None`` for any other text."""
    found = _COMMAND.fullmatch(visible(text))
    return None if found is None else (found[1].lower(), (found[2] or "").strip())


def parse_number(text: str) -> int | None:
    """Return the number that a text consists of: ``2``, ``2.``, ``(2)`` or the key with a 2 on it."""
    plain = visible(text).replace("\ufe0f", "")
    if plain == TEN:
        return 10
    found = _NUMBER.fullmatch(plain.removesuffix(_KEYCAP))
    return int(found[1]) if found else None


def says_something(text: str) -> bool:
    """Whether there is any letter or digit, in any script, that a question could be made of."""
    return any(unicodedata.category(letter)[0] in "LN" for letter in visible(text))


def nearest_command(name: str, names: Iterable[str]) -> str | None:
    """Return the command whose name looks most like ``name``."""
    plain = _without_marks(name)
    known = {_without_marks(candidate): candidate for candidate in names}
    found = difflib.get_close_matches(plain, known, n=1, cutoff=0.6)
    if found:
        return known[found[0]]
    beginnings = [candidate for stripped, candidate in known.items() if len(plain) >= 2 and stripped.startswith(plain)]
    return beginnings[0] if len(beginnings) == 1 else None


def same_emoji(one: str, other: str) -> bool:
    """Whether two emoji are the same, whatever their colour of skin and way of drawing."""
    return _bare(one) == _bare(other)


def _bare(emoji: str) -> str:
    return re.sub("[\ufe0e\ufe0f\U0001f3fb-\U0001f3ff]", "", emoji)


def _without_marks(name: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", name) if not unicodedata.combining(letter))
