"""One line of the official register (GV100AD), and what can be wrong with it.

Record layout: Statistisches Bundesamt, GV-ISys, „Datensatzbeschreibung GV100AD". Every line has 220 characters; the
first two say what it is: 10 state, 20 and 30 regions (not used), 40 district, 50 association, 60 municipality.
"""

from dataclasses import dataclass
from datetime import date

from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _
from knowledge.models.organisation import OrganisationKind
from knowledge.organisations.states import STATES

RECORD_LENGTH = 220
UNINCORPORATED = frozenset({"65", "66"})

_KINDS = {
    "10": OrganisationKind.STATE,
    "40": OrganisationKind.DISTRICT,
    "50": OrganisationKind.ASSOCIATION,
    "60": OrganisationKind.MUNICIPALITY,
}
REGIONS = frozenset({"20", "30"})
# How many digits a key has, by kind.
_KEY_LENGTHS = {
    OrganisationKind.STATE: 2,
    OrganisationKind.DISTRICT: 5,
    OrganisationKind.ASSOCIATION: 9,
    OrganisationKind.MUNICIPALITY: 12,
}


class RegisterDamaged(InvalidInput):
    """The file is no whole register; nothing was changed."""

    code = "organisations.register_damaged"

    def __init__(self, reason: str, *, line: int | None = None) -> None:
        place = _(" (line {line})").format(line=line) if line else ""
        hint = _("Nothing was changed. Please download the file GV100AD again and unpack it.")
        super().__init__(
            _("The register cannot be used{place}: {reason}").format(place=place, reason=reason) + " " + hint
        )
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEntry:
    """One record of the register; the fields are those of the table of organisations."""

    key: str
    ags: str | None
    kind: OrganisationKind
    register_kind: str | None
    name: str
    state_key: str
    district_key: str | None
    association_key: str | None
    same_as_key: str | None = None
    seat: str | None
    population: int | None
    area: int | None
    postcode: str | None
    unincorporated: bool


def check_shape(line: str, number: int) -> None:
    """Raise RegisterDamaged unless ``line``, the ``number``-th, is a whole record of the register."""
    if line[:2] not in _KINDS and line[:2] not in REGIONS:
        raise RegisterDamaged(_("This is not a record of the register."), line=number)
    if len(line) != RECORD_LENGTH:
        reason = _("The line has {length} characters instead of {expected}; the file was probably cut off.")
        raise RegisterDamaged(reason.format(length=len(line), expected=RECORD_LENGTH), line=number)


def read_status(line: str, number: int) -> date:
    """Return the territorial status (Gebietsstand) of a line; raises RegisterDamaged."""
    digits = line[2:10]
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as error:
        raise RegisterDamaged(_("“{text}” is not a date.").format(text=digits), line=number) from error


def read_entry(line: str, number: int) -> RegisterEntry:
    """Return what a line other than a region's says; raises RegisterDamaged."""
    kind = _KINDS[line[:2]]
    is_municipality = kind is OrganisationKind.MUNICIPALITY
    key, name = _key(line, kind, number), " ".join(line[22:72].split())
    if not name:
        raise RegisterDamaged(_("The name is missing."), line=number)
    register_kind = line[122:124].strip() or None
    return RegisterEntry(
        key=key,
        ags=line[10:18] if is_municipality else None,
        kind=kind,
        register_kind=register_kind,
        name=name,
        state_key=key[:2],
        district_key=key[:5] if len(key) > 5 else None,
        association_key=key[:9] if is_municipality else None,
        seat=None if is_municipality else " ".join(line[72:122].split()) or None,
        population=_whole_number(line[139:150], number) if is_municipality else None,
        area=_whole_number(line[128:139], number) if is_municipality else None,
        postcode=line[165:170].strip() or None if is_municipality else None,
        unincorporated=is_municipality and register_kind in UNINCORPORATED,
    )


def _key(line: str, kind: OrganisationKind, number: int) -> str:
    """Return the Regionalschlüssel, in which the association stands before the municipality."""
    key = (line[10:15] + line[18:22] + line[15:18]).rstrip()
    if len(key) != _KEY_LENGTHS[kind] or not (key.isascii() and key.isdigit()) or key[:2] not in STATES:
        raise RegisterDamaged(_("“{text}” is not a key.").format(text=line[10:22].strip()), line=number)
    return key


def _whole_number(text: str, number: int) -> int:
    if not (text.isascii() and text.isdigit()):
        raise RegisterDamaged(_("“{text}” is not a number.").format(text=text.strip()), line=number)
    return int(text)
