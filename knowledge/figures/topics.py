"""What was asked about, by the fields of work at the top of the tree of topics."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.figures.counting import Bounds, Flow, Groups, Span
from knowledge.figures.raw.repository import RawRepository
from knowledge.figures.rule import by_part, cells_to_tell, with_rest
from knowledge.figures.schemas import COUNT, Seen, Series
from knowledge.models.topic import TopicKind
from knowledge.topics.tree import TopicTree, load_tree


async def topics_flow(session: AsyncSession) -> Flow:
    """Return the series of topics, for the tree as it is now."""
    tops = top_fields(await load_tree(session))

    async def read(raw: RawRepository, span: Span) -> list[Seen]:
        rows = await raw.topics(span)
        known = [(row, tops.get(UUID(row.part))) for row in rows]
        return [
            Seen(row.item, row.at, str(top), row.person, row.organisation, row.together)
            for row, top in known
            if top is not None
        ]

    return Flow(Series.TOPICS, read, _groups, _counts, fleeting=True, needed=frozenset({COUNT}))


def top_fields(tree: TopicTree) -> Mapping[UUID, UUID]:
    """Return, for each field of work, the one at the top that it lies below."""
    fields = [entry for entry in tree.entries if entry.kind is TopicKind.FIELD]
    return {entry.id: tree.above(entry.id)[-1] for entry in fields}


def _groups(rows: Sequence[Seen]) -> Groups:
    return {**by_part(rows), COUNT: rows}


def _counts(rows: Sequence[Seen], bounds: Bounds) -> dict[str, float]:
    cells = by_part(rows)
    return with_rest(cells, cells_to_tell(cells, bounds))
