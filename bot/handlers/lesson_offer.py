"""„In 5 Minuten lernen: …" below an answer, where a lesson fits it."""

from uuid import UUID

from bot.core.messages import Choice
from bot.core.text import Block, link, note
from bot.core.turn import Turn
from bot.handlers.answers import personal_viewer
from bot.handlers.lesson_choices import START_WORD, begin_key, learn_choice
from knowledge.kit.language import ngettext
from knowledge.lessons.schemas import Learner, LessonOffer
from knowledge.lessons.suggesting import suggest_lesson
from knowledge.library.answers.further import NEAR
from knowledge.library.answers.schemas import PreparedAnswer


async def offer_lesson(turn: Turn, prepared: PreparedAnswer) -> tuple[list[Block], tuple[Choice, ...]]:
    """Return the line below an answer that names a lesson, and the choice to learn it; nothing where none fits.

    One fits that the library itself found for the question: it was cited, suggested, or came near. That it is about a
    topic of what was cited is not enough: who asks about street lamps would be sent to „AI and sustainability".
    What is offered in a group everybody there may learn, whoever asked.
    """
    offer = await suggest_lesson(turn.unit.session, (), _learner(turn), further=_found(prepared))
    if offer is None:
        return [], ()
    told = ngettext("Learn it in {count} minute: {title}", "Learn it in {count} minutes: {title}", offer.minutes)
    words = told.format(count=offer.minutes, title=offer.title)
    address = _address(turn, offer)
    if address is not None:  # in the text, as choices below are changed when somebody votes
        return [note(link(words, address))], ()
    return [note(words)], (learn_choice(offer.lesson_id),)


def _found(prepared: PreparedAnswer) -> list[UUID]:
    """Return the documents that were found, best first; of what came near, as much as „Mehr dazu" would show."""
    reply = prepared.reply
    named = [UUID(citation.document) for citation in (*reply.citations, *reply.suggestions)]
    passages = prepared.trace.get("passages", ()) if reply.answered else ()
    best = max((float(passage["score"]) for passage in passages), default=0.0)
    near = [UUID(passage["document"]) for passage in passages if float(passage["score"]) >= NEAR * best]
    return [*named, *near]


def _learner(turn: Turn) -> Learner:
    if turn.glance.is_direct:
        return Learner(turn.identity.member_id, turn.identity.id, personal_viewer(turn.glance))
    return Learner(None, None, turn.glance.viewer)


def _address(turn: Turn, offer: LessonOffer) -> str | None:
    """Return where a group's people learn on a network on which the bot cannot write to them first."""
    if turn.glance.is_direct or turn.glance.features.can_write_first:
        return None
    return turn.services.direct_link(
        turn.glance.network, f"{START_WORD}-{begin_key(offer.lesson_id).partition(':')[2]}"
    )
