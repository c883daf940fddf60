"""Names of people, for comparing."""

import unicodedata


def fold_person(name: str) -> str:
    """Return a person's name for comparing: without capitals, spare spaces and what cannot be seen."""
    folded = " ".join(unicodedata.normalize("NFC", name).casefold().split())
    return "".join(letter for letter in folded if letter.isprintable())  # PostgreSQL takes no zero characters
