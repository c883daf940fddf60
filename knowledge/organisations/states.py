"""The sixteen states (Länder), known before any register is imported."""

from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _
from knowledge.organisations.names import fold_name

# Key and name as in the official register, abbreviation as in ISO 3166-2:DE.
STATES: dict[str, tuple[str, str]] = {
    "01": ("SH", "Schleswig-Holstein"),
    "02": ("HH", "Hamburg"),
    "03": ("NI", "Niedersachsen"),
    "04": ("HB", "Bremen"),
    "05": ("NW", "Nordrhein-Westfalen"),
    "06": ("HE", "Hessen"),
    "07": ("RP", "Rheinland-Pfalz"),
    "08": ("BW", "Baden-Württemberg"),
    "09": ("BY", "Bayern"),
    "10": ("SL", "Saarland"),
    "11": ("BE", "Berlin"),
    "12": ("BB", "Brandenburg"),
    "13": ("MV", "Mecklenburg-Vorpommern"),
    "14": ("SN", "Sachsen"),
    "15": ("ST", "Sachsen-Anhalt"),
    "16": ("TH", "Thüringen"),
}


class UnknownState(InvalidInput):
    """No state has this key, name or abbreviation."""

    code = "organisations.unknown_state"


def state_name(key: str | None) -> str | None:
    """Return the name of the state with the two-digit ``key``; None for None and for unknown keys."""
    return STATES[key][1] if key in STATES else None


def find_state(text: str) -> str:
    """Return the two-digit key of the state that ``text`` means: a key, an abbreviation („BB") or a name.

    Raises UnknownState.
    """
    wanted = text.strip()
    key = wanted.upper().removeprefix("DE-")
    folded = fold_name(wanted)
    for number, (abbreviation, name) in STATES.items():
        if key in {number, number.lstrip("0"), abbreviation} or folded == fold_name(name):
            return number
    known = ", ".join(f"{name} ({abbreviation})" for abbreviation, name in STATES.values())
    raise UnknownState(_("There is no state “{text}”. Known are: {known}.").format(text=wanted[:80], known=known))
