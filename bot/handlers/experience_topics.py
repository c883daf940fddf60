"""Suggesting topics for an experience that is being told; they are its author's to take or to leave."""

from dataclasses import dataclass

from bot.core.dialogue import Draft
from bot.core.messages import Choice
from bot.core.text import Block, note
from bot.core.turn import Glance, Turn
from bot.handlers.experience_draft import fields_of
from bot.handlers.experience_text import has_value
from knowledge.kit.language import _
from knowledge.topics.suggesting import said_in, suggest_topics

# Taking what was suggested.
SUGGESTED = ":suggested"


@dataclass(frozen=True, slots=True)
class Suggested:
    """The names of the topics that were found outside of the transaction."""

    names: tuple[str, ...]


async def look_for_topics(glance: Glance, draft: Draft, _answer: str) -> Suggested:
    """Suggest topics before the step in which they are asked for; none where the draft names some."""
    fields = fields_of(draft)
    if has_value(fields, "topics"):
        return Suggested(())
    services = glance.services
    topics = await suggest_topics(services.answers, services.database, said_in(fields), glance.viewer)
    return Suggested(tuple(topic.name for topic in topics))


def suggested_blocks(turn: Turn, draft: Draft) -> list[Block]:
    """Return the line that names what is suggested, and keep it for when it is taken."""
    if isinstance(turn.prepared, Suggested):
        draft.data["suggested"] = list(turn.prepared.names)
    names = draft.data.get("suggested")
    return [note(_("Suggested: {topics}").format(topics=", ".join(names)))] if names else []


def suggested_choices(draft: Draft) -> list[Choice]:
    """Return the choice that takes what is suggested."""
    return [Choice(SUGGESTED, _("Take what is suggested"), "🏷️")] if draft.data.get("suggested") else []


def words_of(draft: Draft, answer: str) -> str:
    """Return an answer in words: the suggested topics where they are taken."""
    return ", ".join(draft.data.get("suggested", [])) if answer == SUGGESTED else answer
