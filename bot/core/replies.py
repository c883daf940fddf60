"""What the bot says of itself when there is nothing for a handler to do."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.core.commands import nearest_command
from bot.core.registry import Registry
from bot.core.text import RichText, Span, code, paragraph, rich
from bot.core.turn import Glance, Handler, Turn
from knowledge.kit.language import _
from knowledge.models.chat import ChatKind

# The slash of a command, not of an address or of "and/or".
_SLASH = re.compile(r"(?<![\w/:.])/(?=[a-zäöü])")


def saying(text: RichText) -> Handler:
    """Return a handler that says ``text``, which is in the right language already."""

    async def act(turn: Turn) -> None:
        turn.say(marked(text, turn.glance))

    return Handler(act)


def marked(text: RichText, glance: Glance) -> RichText:
    """Return a text with its commands written as on this network, whose clients may keep the slash for themselves."""
    return marked_for(text, glance.features.command_marks)


def marked_for(text: RichText, marks: Sequence[str]) -> RichText:
    """Return a text with its commands behind the first of a network's marks, if it has any of its own."""
    if not marks:
        return text
    blocks = [replace(block, spans=tuple(_marked(span, marks[0]) for span in block.spans)) for block in text.blocks]
    return RichText(tuple(blocks))


def _marked(span: Span, mark: str) -> Span:
    return replace(span, text=_SLASH.sub(mark, span.text))


def unknown_command(name: str, registry: Registry) -> RichText:
    """Return one helpful line, with the command that was probably meant."""
    near = nearest_command(name, registry.command_names)
    if near is None:
        return rich(_("I do not know this command. /help shows what there is."))
    before, after = _("I do not know this command. Did you mean {command}? /help shows what there is.").split(
        "{command}"
    )
    return rich(paragraph(before, code(f"/{near}"), after))


def elsewhere(kind: ChatKind) -> RichText:
    """Return what is said to a command that works in the other kind of chat only."""
    if kind is ChatKind.GROUP:
        return rich(_("This works only in a direct chat with me."))
    return rich(_("This works only in a group."))


def not_for_groups() -> RichText:
    """Return what is said to somebody who speaks as the whole group and asks for something personal."""
    return rich(
        _("You write here in the name of the group, so I cannot tell who you are. Please write to me directly.")
    )


def stale_choice() -> RichText:
    """Return what is said to a choice below a message that is long forgotten or has been answered."""
    return rich(_("This choice is no longer open. Please ask again."))


def nothing_said() -> RichText:
    """Return what is said to emoji and other messages without a word."""
    return rich(_("Please write your question in a few words; /help explains how I can help."))


def files_not_taken() -> RichText:
    """Return what is said to files."""
    return rich(_("I cannot read files here. Please write your question in words."))


def unreadable() -> RichText:
    """Return what is said to a message that could not be decrypted."""
    return rich(_("I could not decrypt your message. Please send it once more."))


def too_much() -> RichText:
    """Return the one answer to a flood."""
    return rich(_("That is a lot at once. Please give me a minute; after that I will gladly go on."))


def after_outage() -> RichText:
    """Return the friendly line for what was asked while the bot was away."""
    return rich(
        _("I was away for a while and saw your message only now. If it is still of use to you, please ask again.")
    )


def went_wrong() -> RichText:
    """Return what is said when something unforeseen happened."""
    return rich(_("Something went wrong on my side, and it has been noted. Please try again later."))
