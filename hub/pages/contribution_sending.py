"""Before a contribution is sent: what looks like personal data, who is to see it, and all of it once more."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from starlette.datastructures import FormData

from hub.dependencies import MayContribute, Reading, Services, Writing
from hub.messages import redirect
from hub.pages.contribution_parts import OWN, ContributionView, author_of, typed_texts, view_of, visibility_words
from hub.pages.library_parts import read_choice
from hub.pages.review_parts import read_key, typed_in
from hub.rendering import render
from knowledge.circles.repository import CircleRepository
from knowledge.contributions.checking import label_of
from knowledge.contributions.schemas import ContributionEntry, Wishes
from knowledge.contributions.service import ContributionService
from knowledge.kit.errors import InvalidInput
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.models.contribution import Attribution, ContributionState
from knowledge.models.document import Visibility
from knowledge.personal_data.schemas import finding_word
from knowledge.review.comparing import Marked, marked
from knowledge.review.findings import Found, Place, find_in_fields, redacted
from knowledge.topics.suggesting import said_in, suggest_topics
from knowledge.topics.tree import TopicEntry

router = APIRouter()
CHECK, SEND = f"{OWN}/{{key}}/pruefen", f"{OWN}/{{key}}/senden"
# The suggested topics that are to be the draft's, in the form.
TOPICS = "themen"


@dataclass(frozen=True, slots=True)
class FoundLine:
    """Something that looks like personal data: ``place`` is what the form sends, ``kind`` what it looks like."""

    place: str
    text: str
    kind: str
    field: str


@dataclass(frozen=True, slots=True)
class MarkedField:
    """A field with its findings marked."""

    label: str
    parts: Sequence[Marked]


@dataclass(frozen=True, slots=True)
class CheckPage:
    """What looks like personal data in a draft."""

    key: UUID
    found: Sequence[FoundLine]
    fields: Sequence[MarkedField]


@dataclass(frozen=True, slots=True)
class SendPage:
    """A draft, whole, with who is to see it and whose it is said to be.

    ``described`` is the coarse description, empty where there is none; ``naming`` are the fields in which an
    anonymised text names its own organisation. ``topics`` are suggested where the draft names none.
    """

    key: UUID
    contribution: ContributionView
    visibilities: Sequence[tuple[str, str]]
    visibility: str
    circles: Sequence[tuple[str, str]]
    chosen_circles: Sequence[str]
    attribution: str
    organisation: str
    described: str
    left: int
    naming: Sequence[str]
    topics: Sequence[tuple[str, str]] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Refused:
    """What was sent and could not be taken, and why."""

    form: FormData
    error: InvalidInput


@router.get(CHECK)
async def check_form(request: Request, key: UUID, visitor: MayContribute, session: Reading) -> Response:
    """Show what looks like personal data; where nothing does, go on."""
    entry = await ContributionService(UnitOfWork(session)).get(key, member_id=visitor.known.id)
    found = find_in_fields(entry.fields)
    if entry.state is not ContributionState.DRAFT or not found:
        return RedirectResponse(SEND.format(key=key), 303)
    lines = [_found_line(one) for one in found]
    page = CheckPage(key, lines, _marked_fields(entry, found))
    return await render(request, "contributions/check.html", page)


@router.post(CHECK)
async def redact(request: Request, key: UUID, visitor: MayContribute, unit: Writing) -> Response:
    """Redact what was ticked."""
    form = await request.form()
    service, author = ContributionService(unit), author_of(visitor)
    entry = await service.get(key, member_id=author.member_id)
    places = [place for place in map(Place.read, typed_texts(form, "stelle")) if place is not None]
    fields, count = redacted(entry.fields, places)
    if not count:
        return RedirectResponse(CHECK.format(key=key), 303)
    await service.change(key, author, fields=fields)
    return redirect(CHECK.format(key=key), said="contributions.redacted")


@router.get(SEND)
async def send_form(request: Request, key: UUID, visitor: MayContribute, services: Services) -> Response:
    """Show all of a draft and ask who is to see it."""
    async with unit_of_work(services.database, writes=False) as unit:
        entry = await ContributionService(unit).get(key, member_id=visitor.known.id)
    if entry.state is not ContributionState.DRAFT:
        return RedirectResponse(f"{OWN}/{key}", 303)
    topics: list[TopicEntry] = []
    if _lacks_topics(entry):
        # Searching takes its time, and no transaction waits for it.
        topics = await suggest_topics(services.answers, services.database, said_in(entry.fields), visitor.viewer)
    async with unit_of_work(services.database, writes=False) as unit:
        return await _show(request, unit, entry, topics=[topic.name for topic in topics])


@router.post(SEND)
async def send(request: Request, key: UUID, visitor: MayContribute, unit: Writing) -> Response:
    """Send a draft."""
    form = await request.form()
    service, author = ContributionService(unit), author_of(visitor)
    entry = await service.get(key, member_id=author.member_id)
    try:
        if entry.state is ContributionState.DRAFT and not entry.is_suggestion:
            topics = ", ".join(typed_texts(form, TOPICS)) if _lacks_topics(entry) else ""
            await service.change(key, author, fields={"topics": topics} if topics else None, wishes=_wishes(form))
        await service.submit(key, author)
    except InvalidInput as error:
        entry = await service.get(key, member_id=author.member_id)
        return await _show(request, unit, entry, refused=Refused(form, error))
    return redirect(OWN, said="contributions.sent")


async def _show(
    request: Request,
    unit: UnitOfWork,
    entry: ContributionEntry,
    *,
    refused: Refused | None = None,
    topics: Sequence[str] = (),
) -> HTMLResponse:
    form, error = (refused.form, refused.error) if refused else (None, None)
    service, names = ContributionService(unit), await CircleRepository(unit.session).names()
    wishes = _wishes(form) if form is not None else Wishes(entry.visibility, entry.circles, entry.attribution)
    words = visibility_words()
    offered = [each for each in words if each is not Visibility.HOUSE or entry.organisation_id is not None]
    described = await service.describe_coarsely(entry.organisation_id) if entry.organisation_id else None
    page = SendPage(
        key=entry.id,
        contribution=view_of(entry, names),
        visibilities=[(each.value, words[each]) for each in offered],
        visibility=wishes.visibility.value if wishes.visibility else "",
        circles=sorted(((str(circle), name) for circle, name in names.items()), key=lambda pair: pair[1].casefold()),
        chosen_circles=[str(circle) for circle in wishes.circles or ()],
        attribution=wishes.attribution.value if wishes.attribution else "",
        organisation=entry.organisation_name or "",
        described=described or "",
        left=len(find_in_fields(entry.fields)),
        naming=await service.names_house(entry),
        topics=[(name, name) for name in (typed_texts(form, TOPICS) if form is not None else topics)],
        error=error.message if error else "",
    )
    return await render(request, "contributions/send.html", page, error=error)


def _lacks_topics(entry: ContributionEntry) -> bool:
    return not entry.is_suggestion and not entry.fields.get("topics")


def _wishes(form: FormData) -> Wishes:
    typed = typed_in(form)
    circles = tuple(key for key in map(read_key, typed_texts(form, "kreise")) if key is not None)
    visibility = read_choice(Visibility, typed.get("sichtbarkeit"))
    attribution = read_choice(Attribution, typed.get("nennung"))
    return Wishes(visibility, circles, attribution)


def _found_line(found: Found) -> FoundLine:
    place, finding = found.place, found.finding
    return FoundLine(place.written, finding.text, finding_word(finding.kind), label_of(place.field))


def _marked_fields(entry: ContributionEntry, found: Sequence[Found]) -> list[MarkedField]:
    """Return the fields in which something was found; of lists, the list of findings is enough."""
    names = dict.fromkeys(one.place.field for one in found)
    return [
        MarkedField(label_of(name), marked(text, [one.finding for one in found if one.place.field == name]))
        for name in names
        if isinstance(text := entry.fields[name], str)
    ]
