"""Queries on synonyms and abbreviations."""

from collections.abc import Collection, Iterator, Sequence
from functools import cache
from uuid import UUID

from sqlalchemy import BindParameter, Select, bindparam, delete, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.ids import new_id
from knowledge.models.synonym import Abbreviation, SynonymGroup, SynonymTerm
from knowledge.synonyms.book import Changes, Terms

# Words that a statement names one by one; SQLite allows 32,766 variables.
CHUNK = 500


class SynonymRepository:
    """All statements on groups of synonyms; terms come as written, by their folded form."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def groups(self) -> dict[UUID, Terms]:
        """Return all groups."""
        return await self._read(_all_groups(), {})

    async def groups_with(self, folded: Collection[str]) -> dict[UUID, Terms]:
        """Return the groups that hold any of these words."""
        groups: dict[UUID, Terms] = {}
        for chunk in _chunks(folded):
            groups |= await self._read(_groups_with(), {"words": chunk})
        return groups

    async def _read(self, statement: Select[UUID, str, str], values: dict[str, list[str]]) -> dict[UUID, Terms]:
        groups: dict[UUID, Terms] = {}
        for group, folded, term in await self.session.execute(statement, values):
            groups.setdefault(group, {})[folded] = term
        return groups

    async def save(self, changes: Changes) -> None:
        """Write what was added to a book."""
        for group in changes.removed_groups:
            await self.remove_group(group)
        groups = [{"id": group} for group in changes.new_groups]
        terms = [
            {"id": new_id(), "group_id": group, "position": position, "folded": folded, "term": term}
            for group, position, folded, term in changes.new_terms
        ]
        for table, rows in ((SynonymGroup, groups), (SynonymTerm, terms)):
            if rows:
                await self.session.execute(insert(table), rows)

    async def remove_term(self, group: UUID, folded: str) -> None:
        """Take a term out of a group."""
        await self.session.execute(
            delete(SynonymTerm).where(SynonymTerm.group_id == group, SynonymTerm.folded == folded)
        )

    async def remove_group(self, group: UUID) -> None:
        """Remove a group with its terms."""
        await self.session.execute(delete(SynonymTerm).where(SynonymTerm.group_id == group))
        await self.session.execute(delete(SynonymGroup).where(SynonymGroup.id == group))


class AbbreviationRepository:
    """All statements on abbreviations that documents explain."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def replace(self, document: UUID, rows: Sequence[dict[str, str]]) -> None:
        """Put these abbreviations in the place of all that a document explained before."""
        await self.session.execute(delete(Abbreviation).where(Abbreviation.document_id == document))
        if rows:
            complete = [row | {"id": new_id(), "document_id": document} for row in rows]
            await self.session.execute(insert(Abbreviation), complete)

    async def all(self) -> Sequence[Abbreviation]:
        """Return all abbreviations."""
        return (await self.session.scalars(select(Abbreviation).order_by(Abbreviation.short_folded))).all()

    async def with_words(self, folded: Collection[str]) -> Sequence[Abbreviation]:
        """Return those whose short or long form is one of these words."""
        found: list[Abbreviation] = []
        for chunk in _chunks(folded):
            found += await self.session.scalars(_abbreviations_with(), {"words": chunk})
        return found


def _all_groups() -> Select[UUID, str, str]:
    statement = select(SynonymTerm.group_id, SynonymTerm.folded, SynonymTerm.term)
    return statement.order_by(SynonymTerm.group_id, SynonymTerm.position)


# Every search asks these two: made once, as making a statement takes longer than answering it.
@cache
def _groups_with() -> Select[UUID, str, str]:
    chosen = select(SynonymTerm.group_id).where(SynonymTerm.folded.in_(bindparam("words", expanding=True)))
    return _all_groups().where(SynonymTerm.group_id.in_(chosen))


@cache
def _abbreviations_with() -> Select[Abbreviation]:
    words: BindParameter[list[str]] = bindparam("words", expanding=True)
    either = or_(Abbreviation.short_folded.in_(words), Abbreviation.long_folded.in_(words))
    return select(Abbreviation).where(either).order_by(Abbreviation.short_folded)


def _chunks(words: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(words)
    for start in range(0, len(ordered), CHUNK):
        yield ordered[start : start + CHUNK]
