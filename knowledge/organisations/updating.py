"""Compares a register with what is stored, without changing anything."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from knowledge.kit.ids import new_id
from knowledge.models.organisation import OrganisationKind
from knowledge.organisations.names import search_spellings
from knowledge.organisations.records import RegisterEntry
from knowledge.organisations.register import Register
from knowledge.organisations.states import state_name

# A reform hardly ever takes more than this share of a state's municipalities between two registers …
LARGEST_LOSS = 1 / 3
# … and it takes no suspicion to lose a few.
SMALL_LOSS = 20

_COLUMNS = tuple(field.name for field in fields(RegisterEntry))
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RegisterPlan:
    """What is to be done so that the database says what the register says."""

    new: Sequence[Row]
    changed: Sequence[Row]
    dissolved: Sequence[UUID]
    unchanged: int
    # Names of states that would lose suspiciously many municipalities.
    suspicious: Sequence[str]


def plan_update(register: Register, stored: Iterable[Row]) -> RegisterPlan:
    """Return what a register changes.

    A municipality is the same as before if its Gemeindeschlüssel (AGS) is, as its Regionalschlüssel changes with its
    association; all others go by their key.

    Args:
        register: the register to be stored.
        stored: all columns of what former registers brought.
    """
    before = {_identity(row): row for row in stored}
    new: list[Row] = []
    changed: list[Row] = []
    for entry in register.entries:
        row = _row(entry)
        old = before.pop(_identity(row), None)
        if old is None:
            new.append(row | {"id": new_id(), "register_date": register.as_of})
        elif old["dissolved_on"] is not None or any(old[name] != value for name, value in row.items()):
            changed.append(row | {"id": old["id"], "dissolved_on": None})
    gone = [row for row in before.values() if row["dissolved_on"] is None]
    unchanged = len(register.entries) - len(new) - len(changed)
    return RegisterPlan(new, changed, [row["id"] for row in gone], unchanged, _suspicious(register, gone))


def _row(entry: RegisterEntry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in _COLUMNS} | {"search_name": search_spellings(entry.name)}


def _identity(row: Row) -> str:
    identity: str = row["ags"] or row["key"]
    return identity


def _suspicious(register: Register, gone: Sequence[Row]) -> list[str]:
    lost = Counter(row["state_key"] for row in gone if row["kind"] is OrganisationKind.MUNICIPALITY)
    kept = Counter(entry.state_key for entry in register.entries if entry.kind is OrganisationKind.MUNICIPALITY)
    too_many = (key for key, count in lost.items() if count > SMALL_LOSS and count > LARGEST_LOSS * (count + kept[key]))
    return sorted(state_name(key) or key for key in too_many)
