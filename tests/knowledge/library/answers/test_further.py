"""„Mehr dazu": what is shown beyond an answer, by the rights and the visibility of this moment."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.visibility import NETWORK, PUBLIC, anybody
from knowledge.kit.clock import now
from knowledge.library.answers.further import Further, find_further
from knowledge.models.document import Document, Kind, Passage, Rights, Status, Visibility

QUOTED = "Der Konvoi kostete 148.000 Euro."
AROUND = f"{QUOTED} Einzeln lagen die Angebote bei 215.000 Euro. Das Land deckte davon den größten Teil."
OTHER = "Eine Planung im Konvoi braucht Zeit. Der Konvoi aus elf Gemeinden brauchte 15 Monate."


async def document(session: AsyncSession, *texts: str, rights: Rights = Rights.FULL, access: str = PUBLIC) -> UUID:
    """Keep a document with passages."""
    key = uuid4()
    row = Document(
        id=key,
        source=f"{key}.md",
        kind=Kind.LITERATURE,
        title="Wärmeplanung",
        rights=rights,
        visibility=Visibility.PUBLIC if access == PUBLIC else Visibility.NETWORK,
        access=access,
        status=Status.PUBLISHED,
        added_by="test",
        created_at=now(),
        updated_at=now(),
    )
    session.add(row)
    await session.flush()
    for position, text in enumerate(texts):
        session.add(Passage(document_id=key, position=position, text=text, headings=[], quotable=True))
    await session.flush()
    return key


async def further(session: AsyncSession, shown: UUID, scores: Sequence[float]) -> Further:
    """Ask for more about an answer that quoted the first sentence of a document."""
    keys = (await session.scalars(select(Passage.id).order_by(Passage.id))).all()
    passages = [{"passage": key, "score": score} for key, score in zip(keys, scores, strict=True)]
    trace: dict[str, Any] = {"shown": [{"document": str(shown), "quote": QUOTED}], "passages": passages}
    return await find_further(session, trace, "Was kostet ein Konvoi?", anybody())


class TestAround:
    async def test_the_passage_around_what_was_quoted(self, session: AsyncSession) -> None:
        found = await further(session, await document(session, AROUND), [1.0])
        assert [citation.quote for citation in found.around] == [AROUND]

    async def test_what_may_only_be_quoted_stays_a_quotation(self, session: AsyncSession) -> None:
        found = await further(session, await document(session, AROUND, rights=Rights.QUOTE), [1.0])
        assert not found

    async def test_nothing_worth_another_message(self, session: AsyncSession) -> None:
        assert not await further(session, await document(session, f"{QUOTED} Ende."), [1.0])


class TestOthers:
    async def test_further_sources_begin_where_the_question_is_met(self, session: AsyncSession) -> None:
        shown = await document(session, QUOTED)
        await document(session, f"Ganz anderes steht hier. {OTHER}")
        found = await further(session, shown, [1.0, 0.8])
        assert [citation.quote for citation in found.others] == [OTHER]

    async def test_only_those_that_come_near(self, session: AsyncSession) -> None:
        shown = await document(session, QUOTED)
        await document(session, OTHER)
        assert not await further(session, shown, [1.0, 0.3])

    async def test_only_what_may_be_found_now(self, session: AsyncSession) -> None:
        shown = await document(session, QUOTED)
        await document(session, OTHER, access=NETWORK)
        assert not await further(session, shown, [1.0, 0.9])

    async def test_a_text_that_may_only_be_linked_to_is_named(self, session: AsyncSession) -> None:
        shown = await document(session, QUOTED)
        await document(session, OTHER, rights=Rights.LINK)
        [other] = (await further(session, shown, [1.0, 0.9])).others
        assert (other.quote, other.title) == (None, "Wärmeplanung")
