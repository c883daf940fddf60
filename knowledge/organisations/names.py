"""Names of organisations as people type them: with or without umlauts, suffixes and small words."""

import re
import unicodedata

# Together they fit the column; the official register has at most four spellings of fifty letters.
LONGEST_FORM = 120
MOST_SPELLINGS = 6

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "æ": "ae"})
_PARENTHESES = re.compile(r"\([^()]*\)")
# What says where a place of a common name lies: „Neustadt an der Orla", „Frankfurt am Main", „Garching b.München".
_WHERE = re.compile(r"\s(?:an|am|auf|bei|in|im|ob|unter|vor|[abiouv]\.)(?=[\s\w]).*", re.IGNORECASE)
_NOT_WORD = re.compile(r"[^0-9a-z]+")

# The register writes „a.d.", „a.", „b.", „i."; people write them out. Neither tells names apart.
_SMALL_WORDS = frozenset(
    {"a", "am", "an", "auf", "b", "bei", "d", "dem", "den", "der", "des", "die", "i", "im", "in", "o", "ob", "u"}
    | {"und", "v", "vor", "zu", "zum", "zur"}
)


def short_name(name: str) -> str:
    """Return the name without what follows its first comma: „Lübeck, Hansestadt" becomes „Lübeck"."""
    return name.partition(",")[0].strip()


def fold_name(text: str, *, plain: bool = False) -> str:
    """Return ``text`` in small ASCII letters and digits with single spaces.

    Args:
        text: anything a person typed.
        plain: write umlauts as plain vowels (``lubeck``) instead of with an e (``luebeck``).
    """
    text = unicodedata.normalize("NFC", text).casefold().replace("ł", "l")
    if not plain:
        text = text.translate(_UMLAUTS)
    bare = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return _NOT_WORD.sub(" ", bare).strip()


def fold_search(text: str, *, plain: bool = False) -> str:
    """Return ``text`` folded, without small words such as „an der" (unless it has no others), St. as Sankt."""
    folded = fold_name(text, plain=plain)
    words = ["sankt" if word == "st" else word for word in folded.split()]
    return " ".join(word for word in words if word not in _SMALL_WORDS) or folded


def search_spellings(name: str) -> str:
    """Return the folded spellings to look for ``name`` under, each between two ``|``.

    They are the short name as it is, without its parentheses („Halle (Saale)"), without what says where it lies, and,
    where a slash parts two languages („Cottbus/Chóśebuz"), what stands before it; each also with plain vowels.
    """
    short = short_name(name)[:LONGEST_FORM]
    bare = _PARENTHESES.sub(" ", short)
    forms = (short, bare, bare.partition("/")[0], _WHERE.sub("", bare))
    spellings = dict.fromkeys(
        fold_search(form, plain=plain)[:LONGEST_FORM] for form in forms for plain in (False, True)
    )
    kept = [spelling for spelling in spellings if spelling][:MOST_SPELLINGS]
    return "|" + "".join(f"{spelling}|" for spelling in kept)
