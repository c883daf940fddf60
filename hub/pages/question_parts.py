"""What the pages about open questions have in common: who reads, as whom one speaks, where a question is, topics."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import Request
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import FormData

from hub.pages.contribution_parts import typed_texts
from hub.pages.library_parts import read_choice
from hub.pages.review_parts import read_key, typed_in
from hub.services import HubServices
from knowledge.access.rights import Visitor
from knowledge.contributions.service import ContributionService
from knowledge.kit.language import _, ngettext
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.models.question import OpenQuestionState, ReleasedAs
from knowledge.models.topic import TopicKind
from knowledge.questions.schemas import OpenQuestionEntry, QuestionStatus, Reader, Stage
from knowledge.questions.service import QuestionService
from knowledge.topics.tree import TopicEntry, TopicTree, load_tree

QUESTIONS = "/fragen"
ITEM = f"{QUESTIONS}/{{key:uuid}}"
ANSWER = f"{QUESTIONS}/antwort/{{key:uuid}}"
# As whom, and the topics, in forms.
AS, TOPIC = "als", "thema"
LONGEST_TITLE = 90


@dataclass(frozen=True, slots=True)
class TopicGroup:
    """A field of work with what lies below it, to choose from; the pairs are identifier and name."""

    name: str
    topics: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happened to a question; ``is_now``: this is where it is."""

    text: str
    is_now: bool = False


@dataclass(frozen=True, slots=True)
class QuestionView:
    """An open question as it is shown. ``steps`` are there for those whose question it is."""

    entry: OpenQuestionEntry
    path: str
    title: str
    state: str
    badge: str
    asked_by: str
    topics: Sequence[str]
    followers: str
    answers: str
    steps: Sequence[Step] = ()


@dataclass(frozen=True, slots=True)
class Place:
    """A request for a page about questions, with who sends it and what answers it."""

    request: Request
    visitor: Visitor
    unit: UnitOfWork
    services: HubServices

    @property
    def questions(self) -> QuestionService:
        """What can be done with open questions."""
        return questions_in(self.unit, self.services)

    @property
    def reader(self) -> Reader:
        """Whoever looks."""
        return reader_of(self.visitor)


def reader_of(visitor: Visitor) -> Reader:
    """Return whoever visits as a reader of open questions."""
    return Reader(visitor.known.id, visitor.viewer)


def questions_in(unit: UnitOfWork, services: HubServices) -> QuestionService:
    """Return what can be done with open questions."""
    return QuestionService(unit, abroad=services.settings.telegram.telegram_visibility)


def view_of(entry: OpenQuestionEntry) -> QuestionView:
    """Return a question as it is shown."""
    state, badge = _state_of(entry)
    return QuestionView(
        entry=entry,
        path=f"{QUESTIONS}/{entry.id}",
        title=short(entry.text) or _("A question that was taken back"),
        state=state,
        badge=badge,
        asked_by=entry.asked_by or _("a member of the network"),
        topics=[topic.name for topic in entry.topics],
        followers=_followers(entry.followers),
        answers=_answers(entry.answers),
        steps=steps_of(entry) if entry.status else (),
    )


def short(text: str) -> str:
    """Return the beginning of a text, on one line."""
    line = " ".join(text.split())
    if len(line) <= LONGEST_TITLE:
        return line
    return line[: line.rfind(" ", 0, LONGEST_TITLE) if " " in line[:LONGEST_TITLE] else LONGEST_TITLE] + " …"


def _state_of(entry: OpenQuestionEntry) -> tuple[str, str]:
    match entry.state:
        case OpenQuestionState.OPEN if entry.answers:
            return _("has answers"), "info"
        case OpenQuestionState.OPEN:
            return _("no answer yet"), "warning"
        case OpenQuestionState.ANSWERED:
            return _("an answer helped"), "success"
        case OpenQuestionState.PUBLISHED:
            return _("in the library"), "success"
        case OpenQuestionState.WITHDRAWN:
            return _("taken back"), "neutral"


def _followers(count: int | None) -> str:
    return ngettext("{count} more has it, too", "{count} more have it, too", count).format(count=count) if count else ""


def _answers(count: int) -> str:
    return ngettext("{count} answer", "{count} answers", count).format(count=count) if count else ""


def steps_of(entry: OpenQuestionEntry) -> list[Step]:
    """Return what happened to a question until now, in order; the last one is where it is."""
    status = entry.status
    if status is None:
        return []
    said = [_("Released to the network."), *_brought(status), *_waited(status), *_outcome(entry, status)]
    return [*(Step(text) for text in said[:-1]), Step(said[-1], is_now=True)]


def _brought(status: QuestionStatus) -> list[str]:
    said = []
    if status.circles:
        words = ngettext("Brought to {count} circle.", "Brought to {count} circles.", status.circles)
        said.append(words.format(count=status.circles))
    if status.asked_people and status.people:
        said.append(_("{count} colleagues who offered help were asked.").format(count=status.people))
    elif status.asked_people:
        said.append(_("Colleagues who offered help were asked."))
    return said or [_("It stands here in the hub, and in the digests, for everybody who comes by.")]


def _waited(status: QuestionStatus) -> list[str]:
    said = []
    if status.stage in (Stage.REMINDED, Stage.OVERDUE):
        said.append(_("The competence centre was reminded of it."))
    if status.stage is Stage.OVERDUE:
        said.append(_("It stands among the gaps that the competence centre works on."))
    return said


def _outcome(entry: OpenQuestionEntry, status: QuestionStatus) -> list[str]:
    said = []
    if status.answers:
        words = ngettext("There is {count} answer.", "There are {count} answers.", status.answers)
        said.append(words.format(count=status.answers))
    if status.stage is Stage.HAS_ANSWERS and entry.mine:
        said.append(_("Please say which of them helped."))
    final = {
        Stage.ANSWERED: _("An answer helped."),
        Stage.PUBLISHED: _("What answers it is in the library."),
        Stage.WITHDRAWN: _("You took it back; its words are erased."),
    }
    return [*said, *([final[status.stage]] if status.stage in final else [])]


# As whom


@dataclass(frozen=True, slots=True)
class Masks:
    """As whom a member may speak: each way with its name and how others read it; and which one is chosen."""

    options: Sequence[tuple[str, str, str]]
    chosen: ReleasedAs


async def masks_of(unit: UnitOfWork, visitor: Visitor, chosen: ReleasedAs | None = None) -> Masks:
    """Return as whom a member may speak; the organisation first, where they have one."""
    member = visitor.known
    options = list[tuple[str, str, str]]()
    if member.organisation_id is not None:
        options.append((ReleasedAs.ORGANISATION.value, _("My organisation only"), member.organisation_name or ""))
    named = ", ".join(part for part in (member.name, member.organisation_name) if part)
    options.append((ReleasedAs.NAME.value, _("With my name"), named))
    options.append((ReleasedAs.ANONYMOUS.value, _("Anonymous"), await _described(unit, member.organisation_id)))
    usual = ReleasedAs.ORGANISATION if member.organisation_id is not None else ReleasedAs.ANONYMOUS
    return Masks(options, chosen or usual)


async def _described(unit: UnitOfWork, organisation_id: UUID | None) -> str:
    words = await ContributionService(unit).describe_coarsely(organisation_id) if organisation_id else None
    return words or _("a member of the network")


def read_mask(form: FormData) -> ReleasedAs | None:
    """Return as whom somebody wants to speak; ``None`` where the form does not say."""
    return read_choice(ReleasedAs, typed_in(form).get(AS))


def mask_of(form: FormData, visitor: Visitor) -> ReleasedAs:
    """Return as whom somebody wants to speak: without a word, what gives away least of what is usual."""
    usual = ReleasedAs.ORGANISATION if visitor.known.organisation_id is not None else ReleasedAs.ANONYMOUS
    return read_mask(form) or usual


# Topics


async def topic_groups(session: AsyncSession) -> list[TopicGroup]:
    """Return the topics that people may choose, by field of work; the goals come last."""
    return groups_of(await load_tree(session))


def groups_of(tree: TopicTree) -> list[TopicGroup]:
    """Return the topics of a tree that people may choose, by field of work; the goals come last."""
    groups = list[TopicGroup]()
    goals = list[tuple[str, str]]()
    for entry in tree.offered:
        if entry.kind is TopicKind.GOAL:
            goals.append(_pair(entry))
        elif len(tree.above(entry.id)) == 1:
            groups.append(TopicGroup(entry.name, [_pair(entry)]))
        elif groups:
            groups[-1] = TopicGroup(groups[-1].name, [*groups[-1].topics, _pair(entry)])
    return [*groups, TopicGroup(_("Sustainable Development Goals"), goals)] if goals else groups


def _pair(entry: TopicEntry) -> tuple[str, str]:
    return str(entry.id), entry.name


def read_topics(form: FormData) -> tuple[UUID, ...]:
    """Return the topics that were ticked or chosen, each once."""
    chosen = [key for key in map(read_key, typed_texts(form, TOPIC)) if key is not None]
    return tuple(dict.fromkeys(chosen))
