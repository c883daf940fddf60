"""Organisations: the official register, other bodies, and finding one among many of the same name."""

import asyncio
from collections.abc import Collection, Iterable
from datetime import date
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.errors import Conflict, InvalidInput, NotFound
from knowledge.kit.language import _, date_text
from knowledge.models.organisation import Organisation, OrganisationKind
from knowledge.organisations.bodies import check_body, read_examples
from knowledge.organisations.fuzzy import most_alike
from knowledge.organisations.labels import organisation_label
from knowledge.organisations.queries import NameQuery, ags_of, key_with_zero, read_key, read_name
from knowledge.organisations.register import Register, read_register
from knowledge.organisations.repository import FoundRow, OrganisationRepository
from knowledge.organisations.schemas import ExamplesReport, FoundOrganisation, Match, NewOrganisation, RegisterReport
from knowledge.organisations.states import state_name
from knowledge.organisations.updating import RegisterPlan, plan_update

LARGEST_LIMIT = 100

Kinds = Collection[OrganisationKind] | None


class OrganisationNotFound(NotFound):
    """No organisation has this key."""

    code = "organisations.not_found"


class OrganisationUnusable(InvalidInput):
    """Nobody can work for this record: it was dissolved, or is an area that belongs to no municipality."""

    code = "organisations.unusable"


class KeyTaken(Conflict):
    """Another organisation has this key."""

    code = "organisations.key_taken"


class RegisterOutdated(Conflict):
    """A newer register is stored."""

    code = "organisations.register_outdated"


class RegisterImplausible(Conflict):
    """So many municipalities would be dissolved that the file is probably not whole."""

    code = "organisations.register_implausible"


class OrganisationService:
    """Everything about organisations, within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self.repository = OrganisationRepository(session)

    async def import_register(self, path: Path, *, force: bool = False) -> RegisterReport:
        """Store the official register (GV100AD); doing it again changes nothing.

        A newer file updates and marks what it no longer has as dissolved. Nothing is deleted, and identifiers stay.

        Args:
            path: the unpacked text file.
            force: take the file for the truth although it is older than what is stored, or dissolves very many.

        Raises RegisterDamaged, RegisterOutdated, RegisterImplausible; then nothing was changed.
        """
        register = await asyncio.to_thread(read_register, path)
        stored = await self.repository.register_rows()
        if not force:
            newest = max((row["register_date"] for row in stored if row["dissolved_on"] is None), default=date.min)
            _refuse_older(register.as_of, newest)
        plan = await asyncio.to_thread(plan_update, register, stored)
        if plan.suspicious and not force:
            raise _implausible(plan)
        await self.repository.insert_rows(plan.new)
        await self.repository.update_rows(plan.changed)
        await self.repository.dissolve(plan.dissolved, register.as_of)
        await self.repository.confirm(register.as_of)
        return _report(register, plan)

    async def find(self, text: str, *, kinds: Kinds = None, limit: int = 10) -> list[FoundOrganisation]:
        """Return the organisations that ``text`` may mean, best first; none if there are none.

        A name may lack umlauts, suffixes and small words, may be the beginning of one or have typing errors, and may
        come with the word for its kind („Landkreis Plön"). Digits are taken for a key or the beginning of one. What
        was dissolved and unincorporated areas are never offered, and an independent city only as a municipality
        unless ``kinds`` leaves those out.

        Args:
            text: a name, a Regionalschlüssel or a Gemeindeschlüssel (AGS).
            kinds: only these levels; None for all.
            limit: how many to return at most, 1 to 100.
        """
        if not 1 <= limit <= LARGEST_LIMIT:
            raise InvalidInput(_("The limit must be between 1 and {largest}.").format(largest=LARGEST_LIMIT))
        digits = read_key(text)
        if digits is not None:
            rows = await self.repository.find_by_key(digits, kinds, limit)
            rows = rows or await self.repository.find_by_key(key_with_zero(digits), kinds, limit)
            return [found_row(row, Match.KEY) for row in rows]
        query = read_name(text)
        if not query.full:
            return []
        rows = await self.repository.find_by_name(query, kinds, limit)
        if rows:
            return [found_row(row, _match(row[0], query)) for row in rows]
        return await self._find_similar(query, kinds, limit)

    async def _find_similar(self, query: NameQuery, kinds: Kinds, limit: int) -> list[FoundOrganisation]:
        names = await self.repository.offered_names(kinds)
        chosen = await asyncio.to_thread(most_alike, query.bare, names, limit)
        if not chosen and query.full != query.bare:
            chosen = await asyncio.to_thread(most_alike, query.full, names, limit)
        rows = {row[0].id: row for row in await self.repository.find_by_ids(chosen)}
        return [found_row(rows[identifier], Match.SIMILAR) for identifier in chosen]

    async def get_by_key(self, key: str) -> Organisation:
        """Return the organisation with this key, Regionalschlüssel or Gemeindeschlüssel (AGS), whatever its state.

        A Regionalschlüssel from before a change of the association still finds its municipality. Raises
        OrganisationNotFound.
        """
        digits = read_key(key)
        found = await self._get_by_digits(digits) if digits else None
        if found is None and key.isprintable():  # PostgreSQL takes no zero characters
            found = await self.repository.by_key(key.strip().lower())
        if found is None:
            hint = _("There is no organisation with the key “{key}”. Please look for its name to see its key.")
            raise OrganisationNotFound(hint.format(key=key.strip()[:80]))
        return found

    async def _get_by_digits(self, digits: str) -> Organisation | None:
        for form in (digits, key_with_zero(digits)):
            found = await self.repository.by_key(form) or await self.repository.by_ags(ags_of(form))
            if found is not None:
                return found
        return None

    async def get_usable(self, key: str) -> Organisation:
        """Return the organisation with this key for somebody to work for or a text to belong to.

        A district or association that is the same body as a municipality becomes that municipality. Raises
        OrganisationNotFound, OrganisationUnusable.
        """
        found = await self.get_by_key(key)
        if found.same_as_key is not None:
            found = await self.get_by_key(found.same_as_key)
        if found.dissolved_on is not None:
            problem = _("“{name}” was dissolved by {day}. Please choose the organisation that came after it.")
            raise OrganisationUnusable(problem.format(name=found.name, day=date_text(found.dissolved_on)))
        if found.unincorporated:
            problem = _("“{name}” is an area that belongs to no municipality. Please choose another organisation.")
            raise OrganisationUnusable(problem.format(name=found.name))
        return found

    async def add(self, body: NewOrganisation) -> Organisation:
        """Add a body that is in no register, such as a competence centre. Raises InvalidInput, KeyTaken."""
        organisation = check_body(body)
        if await self.repository.by_key(organisation.key) is not None:
            problem = _("There already is an organisation with the key “{key}”. Please choose another key.")
            raise KeyTaken(problem.format(key=organisation.key))
        self.repository.add(organisation)
        await self.repository.session.flush()  # so that the next search finds it
        return organisation

    async def load_examples(self, path: Path) -> ExamplesReport:
        """Add the invented example organisations of a JSON file, or update them.

        Args:
            path: a list of objects with ``key``, ``name``, ``kind``, ``state``, ``population`` and ``example``.

        Raises InvalidInput, and KeyTaken where the key belongs to something that is no example.
        """
        return await self._load(read_examples(path))

    async def _load(self, bodies: Iterable[NewOrganisation]) -> ExamplesReport:
        added = updated = unchanged = 0
        for body in bodies:
            wanted = check_body(body)
            stored = await self.repository.by_key(wanted.key)
            if stored is None:
                self.repository.add(wanted)
                added += 1
            elif not stored.example:
                raise KeyTaken(
                    _("The key “{key}” belongs to an organisation that is no example.").format(key=wanted.key)
                )
            elif _copy_changes(wanted, stored):
                updated += 1
            else:
                unchanged += 1
        await self.repository.session.flush()  # so that the next search finds them
        return ExamplesReport(added, updated, unchanged)


def _copy_changes(wanted: Organisation, stored: Organisation) -> bool:
    changed = False
    for field in ("name", "search_name", "kind", "state_key", "population", "example"):
        value = getattr(wanted, field)
        if getattr(stored, field) != value:
            setattr(stored, field, value)
            changed = True
    return changed


def _refuse_older(as_of: date, newest: date) -> None:
    if as_of < newest:
        problem = _("This register is from {day}, but a newer one from {newest} is already here. Nothing was changed.")
        raise RegisterOutdated(problem.format(day=date_text(as_of), newest=date_text(newest)))


def _implausible(plan: RegisterPlan) -> RegisterImplausible:
    problem = _(
        "With this register, very many municipalities would be dissolved ({states}). It is probably not whole. Nothing "
        "was changed. If a reform is the reason, import it again and confirm."
    )
    return RegisterImplausible(problem.format(states=", ".join(plan.suspicious)))


def _report(register: Register, plan: RegisterPlan) -> RegisterReport:
    return RegisterReport(
        as_of=register.as_of,
        states=register.count(OrganisationKind.STATE),
        districts=register.count(OrganisationKind.DISTRICT),
        associations=register.count(OrganisationKind.ASSOCIATION),
        municipalities=register.count(OrganisationKind.MUNICIPALITY),
        unincorporated=register.unincorporated,
        added=len(plan.new),
        updated=len(plan.changed),
        dissolved=len(plan.dissolved),
        unchanged=plan.unchanged,
    )


def _match(organisation: Organisation, query: NameQuery) -> Match:
    names = (query.full, query.bare)
    if any(f"|{name}|" in organisation.search_name for name in names):
        return Match.EXACT
    if any(f"|{name}" in organisation.search_name for name in names):
        return Match.PREFIX
    return Match.WORDS


def found_row(row: FoundRow, match: Match) -> FoundOrganisation:
    """Return a row with its labels."""
    organisation, district, association = row
    return FoundOrganisation(
        id=organisation.id,
        key=organisation.key,
        ags=organisation.ags,
        name=organisation.name,
        kind=organisation.kind,
        label=organisation_label(organisation.kind, organisation.register_kind),
        district=district,
        association=association,
        state=state_name(organisation.state_key),
        population=organisation.population,
        example=organisation.example,
        match=match,
    )
