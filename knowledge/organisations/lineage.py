"""How the records of a register hang together: who belongs to whom, which two are one body, sums."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from knowledge.kit.language import _
from knowledge.models.organisation import OrganisationKind
from knowledge.organisations.records import RegisterDamaged, RegisterEntry
from knowledge.organisations.states import STATES

# Independent cities: municipality and district at once.
_INDEPENDENT_CITIES = frozenset({"41", "42"})
# A municipality without an association is written down as an association of its own.
_NO_ASSOCIATION = "50"
# A municipality whose staff works for its neighbours, too (erfüllende Gemeinde).
_FULFILLING = "58"

Records = Mapping[str, tuple[int, RegisterEntry]]
Families = Mapping[str, list[RegisterEntry]]


def connect_records(records: Records) -> tuple[RegisterEntry, ...]:
    """Check that nothing is missing, and complete the upper levels from their municipalities.

    Args:
        records: line number and entry by key.

    Raises RegisterDamaged when a parent or all children of a record are missing.
    """
    missing = [name for key, (_abbreviation, name) in STATES.items() if key not in records]
    if missing:
        reason = _("Of the 16 states are missing: {states}. The file was probably cut off.")
        raise RegisterDamaged(reason.format(states=", ".join(missing)))
    families = _municipalities_below(records)
    for line, entry in records.values():
        _check_parents(entry, line, records, families)
    return tuple(_complete(entry, families) for _line, entry in records.values())


def _municipalities_below(records: Records) -> Families:
    families: defaultdict[str, list[RegisterEntry]] = defaultdict(list)
    for _line, entry in records.values():
        if entry.kind is OrganisationKind.MUNICIPALITY:
            for length in (2, 5, 9):
                families[entry.key[:length]].append(entry)
    return families


def _check_parents(entry: RegisterEntry, line: int, records: Records, families: Families) -> None:
    if entry.kind is not OrganisationKind.MUNICIPALITY and entry.key not in families:
        reason = _("“{name}” has no municipalities; the file was probably cut off.")
        raise RegisterDamaged(reason.format(name=entry.name), line=line)
    # Areas that belong to no municipality, such as the coastal waters, need not belong to a district either.
    if entry.unincorporated or _is_unincorporated(families.get(entry.key, [])):
        return
    for parent in (entry.district_key, entry.association_key):
        if parent is not None and parent not in records:
            reason = _("“{name}” belongs to {key}, which is missing.")
            raise RegisterDamaged(reason.format(name=entry.name, key=parent), line=line)


def _is_unincorporated(family: list[RegisterEntry]) -> bool:
    return bool(family) and all(municipality.unincorporated for municipality in family)


def _complete(entry: RegisterEntry, families: Families) -> RegisterEntry:
    if entry.kind is OrganisationKind.MUNICIPALITY:
        return entry
    family = families[entry.key]
    return replace(
        entry,
        population=sum(municipality.population or 0 for municipality in family),
        area=sum(municipality.area or 0 for municipality in family),
        same_as_key=_stand_in(entry, family),
        unincorporated=_is_unincorporated(family),
    )


def _stand_in(entry: RegisterEntry, family: list[RegisterEntry]) -> str | None:
    """Return the key of the municipality that is the same body as ``entry``, if there is one."""
    if entry.kind is OrganisationKind.STATE:
        same = [one for one in family if one.ags == f"{entry.key}000000"]  # Berlin and Hamburg
    elif entry.register_kind in _INDEPENDENT_CITIES:
        same = [one for one in family if one.ags == f"{entry.key}000"]
    elif entry.register_kind == _NO_ASSOCIATION:
        same = family if len(family) == 1 else []
    elif entry.register_kind == _FULFILLING:
        same = [one for one in family if one.name == entry.name]
    else:
        same = []
    return same[0].key if same else None
