"""Understands what a person types to find an organisation."""

from dataclasses import dataclass

from knowledge.models.organisation import OrganisationKind
from knowledge.organisations.names import fold_name, fold_search, short_name

# No name is longer; what is longer is not a name.
LONGEST_NAME = 200

# Words that people put before a name: „Landkreis Plön", „Amt Plessa", „Stadt Rosenheim".
_TYPE_WORDS = {
    OrganisationKind.MUNICIPALITY: (
        "gemeinde",
        "hansestadt",
        "landeshauptstadt",
        "markt",
        "stadt",
        "universitaetsstadt",
    ),
    OrganisationKind.ASSOCIATION: (
        "amt",
        "gemeindeverwaltungsverband",
        "gvv",
        "samtgemeinde",
        "verbandsgemeinde",
        "verwaltungsgemeinschaft",
        "verwaltungsverband",
        "vg",
        "vgem",
        "vvg",
    ),
    OrganisationKind.DISTRICT: ("kreis", "landkreis", "lk"),
    OrganisationKind.STATE: ("bundesland", "freistaat", "land"),
}
_KIND_BY_WORD = {word: kind for kind, words in _TYPE_WORDS.items() for word in words}


@dataclass(frozen=True, slots=True)
class NameQuery:
    """A name to look for: ``full`` as typed, ``bare`` without the word for its kind, which ``hint`` keeps.

    Both are folded; a name that cannot be one is empty.
    """

    full: str
    bare: str
    hint: OrganisationKind | None


def read_name(text: str) -> NameQuery:
    """Return what ``text`` asks for."""
    if len(text) > LONGEST_NAME:
        return NameQuery("", "", None)
    words = fold_name(short_name(text) or text).split()
    full = fold_search(" ".join(words))
    hint = _KIND_BY_WORD.get(words[0]) if len(words) > 1 else None
    return NameQuery(full, fold_search(" ".join(words[1:])) if hint else full, hint)


def read_key(text: str) -> str | None:
    """Return the digits of an official key, as „12 0 64 5404 340"; None if ``text`` is no such key."""
    digits = "".join(text.split())
    return digits if 2 <= len(digits) <= 12 and digits.isascii() and digits.isdigit() else None


def key_with_zero(digits: str) -> str:
    """Return the key as it was before a spreadsheet dropped its leading zero."""
    return f"0{digits}"


def ags_of(digits: str) -> str:
    """Return the Gemeindeschlüssel in a Regionalschlüssel of twelve digits; others as they are.

    It leaves out the association, which may have changed since somebody wrote the key down.
    """
    return digits[:5] + digits[9:] if len(digits) == 12 else digits
