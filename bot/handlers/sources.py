"""``/quellen``: what is in the library for whoever asks, and what there is on a topic."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from bot.core.messages import Choice
from bot.core.text import Block, RichText, Span, heading, item, link, note, paragraph, rich
from bot.core.turn import ChoiceHandler, Command, Glance, Handler, Turn
from bot.handlers.filling import filled
from bot.handlers.wording import command
from knowledge.kit.language import _, date_text, ngettext
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.overview import DocumentLine, Overview, library_overview
from knowledge.models.document import Kind

# What fits on a phone.
TOPICS, BODIES, NEWEST, PAGE = 10, 5, 3, 5
LONGEST_TITLE, LONGEST_KEY = 120, 40
# How much is looked for; of what was found by search, only what is likely about the topic and comes near the best.
SEARCHED, NEAR, LIKELY = 60, 0.6, 0.1
CHOICE = "sources"
WEB = ("http://", "https://")


@dataclass(frozen=True, slots=True)
class Listed:
    """The documents on a topic, those that bear its name first, from one place of the list on."""

    topic: str
    documents: Sequence[DocumentLine]
    start: int = 0


async def prepare_sources(glance: Glance) -> Overview | Listed:
    """Read what is there, all of it or on a topic. Raises what searching raises."""
    topic = " ".join(glance.argument.split())
    if topic:
        return await _look_for(glance, topic, start=0)
    async with unit_of_work(glance.services.database, writes=False) as unit:
        return await library_overview(unit.session, glance.viewer)


async def _prepare_further(glance: Glance) -> Overview | Listed | None:
    place = read_place(glance.choice)
    return None if place is None else await _look_for(glance, place[1], start=place[0])


async def _look_for(glance: Glance, topic: str, *, start: int) -> Listed:
    async with unit_of_work(glance.services.database, writes=False) as unit:
        overview = await library_overview(unit.session, glance.viewer)
    found = await glance.services.answers.search(topic, glance.viewer, limit=SEARCHED)
    best = max((result.score for result in found.results), default=0.0)
    near = [result.document for result in found.results if result.score >= best * NEAR]
    known = {str(line.id): line for line in overview.documents}
    filed = [str(line.id) for line in overview.filed_under(topic)]
    ordered = dict.fromkeys(filed + (near if found.confidence >= LIKELY else []))
    return Listed(topic, [known[key] for key in ordered if key in known], start)


async def _say_sources(turn: Turn) -> None:
    prepared = turn.prepared
    if isinstance(prepared, Listed):
        turn.say(listed_text(prepared), choices=further_choice(prepared))
    elif isinstance(prepared, Overview):
        turn.say(overview_text(turn.glance, prepared))


def overview_text(glance: Glance, overview: Overview) -> RichText:
    """Return what is in the library for this viewer."""
    if not overview.documents:
        return rich(_("There is nothing in the library yet that may be shown here."))
    blocks: list[Block] = [
        heading(_("What is in the library")),
        paragraph(kinds_text(overview)),
        note(_for_whom(glance)),
    ]
    if overview.topics:
        named = ", ".join(f"{topic} ({count})" for topic, count in overview.topics[:TOPICS])
        blocks.append(paragraph(_("Most frequent topics: {topics}").format(topics=named)))
    if overview.bodies:
        blocks.append(paragraph(_("Most documents are from:")))
        blocks += [item(f"{name} ({count})") for name, count in overview.bodies[:BODIES]]
    blocks.append(paragraph(_("The newest:")))
    blocks += [_line(line) for line in overview.documents[:NEWEST]]
    example = overview.topics[0][0] if overview.topics else _("topic")
    written = command(glance, "quellen", "sources", example)
    blocks.append(note(*filled(_("{command} shows what there is on a topic."), command=written)))
    return rich(*blocks)


def kinds_text(overview: Overview) -> str:
    """Return how many documents of which kind there are, and from when the newest is."""
    total = len(overview.documents)
    counted = ", ".join(_kind_count(kind, count) for kind, count in overview.kinds)
    text = ngettext("{count} document: {kinds}.", "{count} documents: {kinds}.", total).format(
        count=total, kinds=counted
    )
    newest = overview.newest_on
    return " ".join((text, _("The newest is of {day}.").format(day=date_text(newest)))) if newest else text


def _kind_count(kind: Kind, count: int) -> str:
    texts = {
        Kind.EXPERIENCE: ngettext("{count} experience", "{count} experiences", count),
        Kind.TRAINING: ngettext("{count} training unit", "{count} training units", count),
        Kind.LITERATURE: ngettext("{count} text of literature", "{count} texts of literature", count),
        Kind.OTHER: ngettext("{count} other text", "{count} other texts", count),
    }
    return texts[kind].format(count=count)


def _for_whom(glance: Glance) -> str:
    if glance.is_direct:
        return _("Counted is what you may find in this chat.")
    return _("Counted is what this group may find.")


def listed_text(listed: Listed) -> RichText:
    """Return one page of the documents on a topic."""
    if not listed.documents:
        return rich(_("There is nothing on “{topic}” in the library yet.").format(topic=listed.topic))
    page = listed.documents[listed.start : listed.start + PAGE]
    if not page:
        return rich(_("That was all on “{topic}”.").format(topic=listed.topic))
    return rich(
        heading(_("On “{topic}”").format(topic=listed.topic)),
        *(_line(line) for line in page),
        *_place(listed, len(page)),
    )


def _place(listed: Listed, shown: int) -> list[Block]:
    if len(listed.documents) <= PAGE:
        return []
    place = _("{first} to {last} of {count}")
    return [note(place.format(first=listed.start + 1, last=listed.start + shown, count=len(listed.documents)))]


def _line(line: DocumentLine) -> Block:
    title = line.title if len(line.title) <= LONGEST_TITLE else f"{line.title[: LONGEST_TITLE - 2].rstrip()} …"
    shown = link(title, line.url) if line.url and line.url.startswith(WEB) else Span(title)
    published = " ".join(str(part) for part in (line.by, line.year) if part)
    return item(shown, f", {published}" if published else "")


def further_choice(listed: Listed) -> tuple[Choice, ...]:
    """Return the choice of the next page; the topic is in its key, so that nothing needs to be kept for it."""
    start = listed.start + PAGE
    if start >= len(listed.documents):
        return ()
    key = f"{CHOICE}:{start}:{base64.urlsafe_b64encode(listed.topic.encode()).decode().rstrip('=')}"
    return (Choice(key, _("Further ones"), "➕"),) if len(key) <= LONGEST_KEY else ()


def read_place(choice: str) -> tuple[int, str] | None:
    """Return from where on which topic is wanted, by what ``further_choice`` wrote behind its name."""
    number, _separator, packed = choice.partition(":")
    try:
        topic = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)).decode()
    except (binascii.Error, ValueError):
        return None
    return (int(number), topic) if number.isdecimal() and number.isascii() and topic else None


SOURCES = Command(
    ("quellen", "sources"),
    lambda: _("What is in the library, also on one topic"),
    Handler(_say_sources, prepare=prepare_sources),
    informs=True,
)
FURTHER = ChoiceHandler(CHOICE, Handler(_say_sources, prepare=_prepare_further))
