"""Answering „Hat eine Kommune wie unsere das schon gemacht?": who has, how near they are, and whether they agree."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from knowledge.access.visibility import Viewer
from knowledge.kit.database import Database
from knowledge.kit.language import _, ngettext
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.citations import cite
from knowledge.library.answers.coverage import Question
from knowledge.library.answers.followups import Before
from knowledge.library.answers.quoting import Quoted, quote
from knowledge.library.answers.retrieval import Around
from knowledge.library.answers.schemas import Citation, PreparedAnswer
from knowledge.library.answers.service import AnswerService
from knowledge.library.answers.traces import shown_citation
from knowledge.library.repository import DocumentRepository
from knowledge.models.organisation import Organisation
from knowledge.peers.likeness import reason_words
from knowledge.peers.reports import House, Report, contradiction, find_reports, independent
from knowledge.peers.repository import PeerRepository
from knowledge.peers.wording import AlikeQuestion, read_alike

# Houses that are cited; all of them are counted.
CITED = 5
# Under which name a trace says what was counted.
ALIKE = "alike"


@dataclass(frozen=True, slots=True)
class AlikeAsker:
    """Who asks: what may be shown where they ask, and the organisation that others are compared with."""

    viewer: Viewer
    organisation_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class _Found:
    """The houses that told of it, with the asker's own organisation, and how many told of it anonymously."""

    houses: list[House]
    own: Organisation | None
    anonymous: int


async def prepare_answer(
    answers: AnswerService, database: Database, question: str, asker: AlikeAsker, before: Before | None = None
) -> PreparedAnswer:
    """Return the answer to any question, which may ask for organisations like one's own; see ``answer_alike``."""
    alike = await answer_alike(answers, database, question, asker, before)
    return alike or await answers.prepare(question, asker.viewer, before)


async def answer_alike(
    answers: AnswerService, database: Database, question: str, asker: AlikeAsker, before: Before | None = None
) -> PreparedAnswer | None:
    """Return the answer to a question for what organisations like one's own did; ``None`` for any other question.

    Outside of a transaction. The answer is kept and shown as every other: with citations and a trace, or as an
    abstention. Raises what asking raises.

    Args:
        answers: searches the library.
        database: holds the organisations.
        question: as it was asked.
        asker: who asks.
        before: what was asked and cited before, which „das" may mean.
    """
    asked = read_alike(question)
    if asked is None:
        return None
    words = asked.words or _words_before(before)
    if not words:
        prepared = await answers.prepare(question, asker.viewer)
        return _abstained(prepared, [_which_thing()], [])
    prepared, around = await answers.look_around(words, asker.viewer)
    prepared = replace(prepared, question=question, follows=asked.goes_on)
    cited = before.documents if before and asked.goes_on else frozenset()
    found = await _houses(database, around, asker, cited)
    if not found.houses:
        nearest = prepared.reply.suggestions or prepared.reply.citations
        return _abstained(prepared, _nothing_words(found), nearest)
    return _answered(prepared, around, found, asker.viewer)


def _words_before(before: Before | None) -> str:
    """Return what was asked before, of a question of this kind only what it was about."""
    for question in before.questions if before else ():
        asked: AlikeQuestion | None = read_alike(question)
        if asked is None:
            return question
        if asked.words:
            return asked.words
    return ""


async def _houses(database: Database, around: Around, asker: AlikeAsker, cited: frozenset[UUID]) -> _Found:
    async with unit_of_work(database, writes=False) as unit:
        own = await PeerRepository(unit.session).organisation(asker.organisation_id)
        reports, anonymous = find_reports(around, own, cited)
        fingerprints = await DocumentRepository(unit.session).fingerprints({report.document for report in reports})
    return _Found(independent(reports, fingerprints), own, len(anonymous))


def _abstained(prepared: PreparedAnswer, lead: Sequence[str], nearest: Sequence[Citation]) -> PreparedAnswer:
    pointers = [replace(citation, quote=None) for citation in nearest]
    trace = {**prepared.trace, ALIKE: {"houses": 0, "like_ours": 0}, "shown": _shown(pointers)}
    reply = replace(
        prepared.reply,
        answered=False,
        text="\n\n".join(lead),
        citations=[],
        suggestions=pointers,
        lead=list(lead),
    )
    return replace(prepared, reply=reply, trace=trace)


def _answered(prepared: PreparedAnswer, around: Around, found: _Found, viewer: Viewer) -> PreparedAnswer:
    citations = []
    for house in found.houses[:CITED]:
        report = house.best
        cited = cite(_quoted(report, around.retrieved.question, around.retrieved.text), viewer, hub=around.hub)
        nearness = reason_words(report.near.reasons)
        citations.append(replace(cited, facts=[*([nearness] if nearness else []), *cited.facts]))
    lead = _lead(found)
    like_ours = sum(house.is_like_ours for house in found.houses)
    trace: dict[str, Any] = {
        **prepared.trace,
        "passages": [*prepared.trace["passages"], *_further_passages(prepared, found.houses[:CITED])],
        ALIKE: {"houses": len(found.houses), "like_ours": like_ours},
        "shown": _shown(citations),
    }
    reply = replace(
        prepared.reply,
        answered=True,
        text="\n\n".join([*lead, *(f"„{one.quote}“ [{place}]" for place, one in enumerate(citations, 1) if one.quote)]),
        citations=citations,
        suggestions=[],
        lead=lead,
    )
    return replace(prepared, reply=reply, trace=trace)


def _quoted(report: Report, question: Question, text: str) -> Quoted:
    """Return what is quoted of a report: what answers best, or the beginning of its best passage."""
    chosen = quote(text, question, report.passages, {})
    if chosen:
        return chosen[0]
    return Quoted(report.passages[0], "")


def _further_passages(prepared: PreparedAnswer, houses: Sequence[House]) -> list[dict[str, Any]]:
    """Return, for the trace, the passages of what is cited that are not among the best ones of all."""
    known = {item["document"] for item in prepared.trace["passages"]}
    items = [house.best.passages[0] for house in houses if str(house.best.document) not in known]
    return [
        {
            "passage": item.found.passage.id,
            "document": str(item.found.document.id),
            "source": item.found.document.source,
            "version": item.found.document.version,
            "score": round(item.rank.score, 4),
        }
        for item in items
    ]


def _shown(citations: Sequence[Citation]) -> list[dict[str, Any]]:
    return [shown_citation(citation) for citation in citations]


# What is said before the sources


def _lead(found: _Found) -> list[str]:
    count = len(found.houses)
    counted = ngettext(
        "Yes: {count} organisation has told of it.",
        "Yes: {count} organisations have told of it, independently of each other.",
        count,
    ).format(count=count)
    return [" ".join((counted, _likeness_words(found))), *_contradiction_words(found.houses), *_anonymous_words(found)]


def _likeness_words(found: _Found) -> str:
    if found.own is None:
        return _("I do not know whom you work for, so I cannot say who is like you: /profil")
    like_ours = sum(house.is_like_ours for house in found.houses)
    if not like_ours:
        return _("None of them is of your size or from near you, though.")
    if like_ours == len(found.houses):
        return ngettext(
            "It is of your size, or from near you.", "All of them are of your size, or from near you.", like_ours
        )
    said = ngettext(
        "{count} of them is of your size, or from near you.",
        "{count} of them are of your size, or from near you.",
        like_ours,
    )
    return said.format(count=like_ours)


def _contradiction_words(houses: Sequence[House]) -> list[str]:
    found = contradiction(houses)
    said = []
    if found.on_again:
        text = _("They contradict each other: {again} would do it again, {not_again} would not.")
        said.append(text.format(again=found.again, not_again=found.not_again))
    if found.on_progress:
        text = _("With {went_well} it runs or was tried, with {failed} it failed.")
        said.append(text.format(went_well=found.went_well, failed=found.failed))
    return said


def _anonymous_words(found: _Found) -> list[str]:
    if not found.anonymous:
        return []
    said = ngettext(
        "Beside that there is {count} anonymous experience, which is not counted.",
        "Beside that there are {count} anonymous experiences, which are not counted.",
        found.anonymous,
    )
    return [said.format(count=found.anonymous)]


def _nothing_words(found: _Found) -> list[str]:
    return [
        _(
            "No other organisation has told of that here yet. Perhaps somebody knows more: I can look for colleagues "
            "to talk to, or ask the network for you."
        ),
        *_anonymous_words(found),
    ]


def _which_thing() -> str:
    return _(
        "What shall they have done? Please ask with the thing itself, for example: Has a municipality like ours "
        "introduced electronic files?"
    )
