"""Searching and asking: as a stranger without a token, as the member or organisation with one."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field

from hub.api.addresses import hub_address
from hub.api.dependencies import Caller, Requires, Services
from hub.api.paging import MOST, Page, Paged
from hub.api.schemas import Sent, Shown
from knowledge.access.rights import Right
from knowledge.library.addresses import document_path
from knowledge.library.answers.citations import may_show, notes, passage_locator
from knowledge.library.answers.retrieval import LONGEST_QUESTION, RankedPassage
from knowledge.library.answers.schemas import Citation, Reply
from knowledge.library.experiences import facts
from knowledge.models.document import Kind, Visibility
from knowledge.tokens.scopes import TokenScope

router = APIRouter(tags=["Search"])
MayAsk = Annotated[Caller, Depends(Requires(Right.LIBRARY_READ, TokenScope.SEARCH_READ, free=True))]


class FoundPassage(Shown):
    """A passage that was found."""

    document: UUID = Field(description="The document's identifier.")
    version: int = Field(description="The version that the passage stands in.", examples=[1])
    position: int = Field(description="The place of the passage in that version, from 0 on.", examples=[4])
    title: str = Field(description="The document's title.", examples=["Drohnen in der Bauaufsicht"])
    kind: Kind = Field(description="What kind of document it is.")
    by: str | None = Field(description="Whose it is said to be.", examples=["Lindenau"])
    year: int | None = Field(description="From which year it is.", examples=[2024])
    locator: str | None = Field(description="Where the passage stands, in words.", examples=["p. 3"])
    text: str | None = Field(
        description="The passage; `null` where the document's rights allow no more than a link.",
        examples=["Die Drohne hat 8.400 Euro gekostet."],
    )
    score: float = Field(description="How well it fits, for comparing within one answer.", examples=[0.8123])
    notes: list[str] = Field(description="What to mind, such as a past review date.", examples=[["gilt nicht mehr"]])
    url: str = Field(description="Where the hub shows the passage.", examples=["https://allmende.example/dokument/…"])


class Question(Sent):
    """A question to the library."""

    question: str = Field(
        min_length=1,
        max_length=LONGEST_QUESTION,
        description="In whole sentences or in words, in German or English.",
        examples=["Was kostet eine Drohne für die Bauaufsicht?"],
    )


class Source(Shown):
    """A place in a document, with what is needed to judge it."""

    document: UUID = Field(description="The document's identifier.")
    title: str = Field(description="Its title.", examples=["Drohnen in der Bauaufsicht"])
    kind: Kind = Field(description="What kind of document it is.")
    locator: str | None = Field(description="Where it stands, in words.", examples=["p. 3"])
    quote: str | None = Field(
        description="Whole sentences, word by word; `null` where the rights allow no more than a link.",
        examples=["Die Drohne hat 8.400 Euro gekostet."],
    )
    publisher: str | None = Field(description="Who published it.", examples=["Stadt Lindenau"])
    organisation: str | None = Field(description="Whose experience it is.", examples=["Lindenau"])
    year: int | None = Field(description="From which year it is.", examples=[2024])
    licence: str | None = Field(description="Under which licence it is.", examples=["CC BY 4.0"])
    visibility: Visibility = Field(description="Who may find it.")
    notes: list[str] = Field(description="What to mind.", examples=[["gilt nicht mehr"]])
    facts: list[str] = Field(description="What to know of an experience.", examples=[["6.000 Einwohner", "im Betrieb"]])
    url: str = Field(description="Where the hub shows it.", examples=["https://allmende.example/dokument/…"])
    original: str | None = Field(description="Where the original is, if it is elsewhere.", examples=["https://…"])


class Answer(Shown):
    """An answer made of quotations, or an abstention with what comes near."""

    answered: bool = Field(description="Whether the library holds the answer with enough certainty.")
    confidence: float = Field(description="How likely it holds the answer, 0 to 1.", examples=[0.87])
    text: str = Field(description="The quotations, or why there is no answer.", examples=["„Die Drohne …“ [1]"])
    sources: list[Source] = Field(description="What is quoted, in the order of the numbers in `text`.")
    suggestions: list[Source] = Field(description="Without an answer: what comes near, without a claim to answer.")
    hints: list[str] = Field(description="What went differently than usual, such as a part that is away.")
    answer_id: UUID = Field(description="By what moderators find how the answer came about.")
    ai_notice: Literal["quotations_chosen_by_machine"] = Field(
        description="Sentences are chosen by a machine and quoted word by word; nothing is written by one."
    )


@router.get("/search", summary="Search the library")
async def search(  # noqa: PLR0913, PLR0917 - each is a part of the request
    request: Request,
    caller: MayAsk,
    services: Services,
    paging: Paged,
    q: Annotated[str, Query(min_length=1, max_length=LONGEST_QUESTION, description="Words.", examples=["Drohne"])],
    kind: Annotated[Kind | None, Query(description="Only this kind of document.")] = None,
    year: Annotated[int | None, Query(ge=0, le=9999, description="Only from this year.", examples=[2024])] = None,
) -> Page[FoundPassage]:
    """Return the best passages that the caller may find, best first; of one search at most 100. Nothing is kept."""
    is_narrowed = kind is not None or year is not None
    limit = MOST if is_narrowed else min(MOST, paging.offset + paging.fetch)
    found = await services.answers.find(q, caller.viewer, limit=limit)
    fitting = [item for item in found if _fits(item, kind, year)]
    home = hub_address(request)
    return paging.page([_passage(item, caller, home) for item in paging.slice(fitting)])


@router.post("/ask", summary="Ask the library")
async def ask(request: Request, body: Question, caller: MayAsk, services: Services) -> Answer:
    """Answer with quotations and their places, or abstain and say what comes near.

    The words of the question and how the answer came about are kept for a time, as for questions in the hub and the
    chats, so that gaps are found; neither token nor member are kept with them.
    """
    reply = await services.answers.ask(body.question, caller.viewer)
    return _answer(reply, hub_address(request))


def _fits(item: RankedPassage, kind: Kind | None, year: int | None) -> bool:
    document = item.found.document
    return kind in (None, document.kind) and year in (None, document.year)


def _passage(item: RankedPassage, caller: Caller, home: str) -> FoundPassage:
    passage, document, organisation = item.found.passage, item.found.document, item.found.organisation
    by = organisation.name if organisation else document.publisher
    return FoundPassage(
        document=document.id,
        version=document.version,
        position=passage.position,
        title=" ".join(document.title.split()),
        kind=document.kind,
        by=by,
        year=document.year,
        locator=passage_locator(passage),
        text=passage.text if may_show(document, passage) else None,
        score=round(item.rank.score, 4),
        notes=[*facts(document, organisation), *notes(document, caller.viewer)],
        url=home + document_path(document.id, document.version, passage.position),
    )


def _answer(reply: Reply, home: str) -> Answer:
    return Answer(
        answered=reply.answered,
        confidence=reply.confidence,
        text=reply.text,
        sources=[_source(citation, home) for citation in reply.citations],
        suggestions=[_source(citation, home) for citation in reply.suggestions],
        hints=reply.hints,
        answer_id=UUID(reply.answer_id),
        ai_notice="quotations_chosen_by_machine",
    )


def _source(citation: Citation, home: str) -> Source:
    return Source(
        document=UUID(citation.document),
        title=citation.title,
        kind=Kind(citation.kind),
        locator=citation.locator,
        quote=citation.quote,
        publisher=citation.publisher,
        organisation=citation.organisation,
        year=citation.year,
        licence=citation.licence,
        visibility=Visibility(citation.visibility),
        notes=citation.notes,
        facts=citation.facts,
        url=home + citation.path,
        original=citation.url if citation.url and not citation.url.startswith(home) else None,
    )
