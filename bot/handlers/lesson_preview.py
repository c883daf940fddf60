"""A lesson as each chat shows it, for whoever writes it: made by what writes the messages themselves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from bot.core.html import plain_body
from bot.core.messages import Attachment, Choice, Outgoing, Place
from bot.core.pictures import described_text
from bot.core.text import RichText, rich
from bot.handlers.lesson_choices import go_on_choice, step_choices, stop_choice
from bot.handlers.lesson_text import explanation_text, step_text
from knowledge.lessons.steps import PictureStep, QuestionStep, Step
from knowledge.models.chat import ChatKind, Network

# Stands for the run that there is none of: keys of choices are not shown.
_RUN = UUID(int=0)


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message as a chat shows it: characters with line breaks, the name of its picture, and the buttons below."""

    text: str
    picture: str | None = None
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PreviewedChat:
    """The messages of a lesson in one chat."""

    name: str
    messages: tuple[ShownMessage, ...]


@dataclass(frozen=True, slots=True)
class _Message:
    """A message before a network writes it."""

    text: RichText
    choices: tuple[Choice, ...]
    picture: PictureStep | None = None

    def outgoing(self, network: Network) -> Outgoing:
        place = Place(network, "preview", ChatKind.DIRECT)
        shown = self.picture
        # Nobody looks into the picture here: only its words count.
        file = Attachment(shown.picture, "image/png", b"", alt=shown.alt) if shown else None
        return Outgoing(place, self.text, self.choices, attachment=file)


def preview_lesson(steps: Sequence[Step]) -> list[PreviewedChat]:
    """Return the messages of steps in each chat, in the current language.

    Behind a question stands what is said to whoever chose a wrong answer: the longest of what can be said.
    """
    messages = list(_messages(steps))
    return [
        PreviewedChat("Matrix", tuple(map(_on_matrix, messages))),
        PreviewedChat("Telegram", tuple(map(_on_telegram, messages))),
    ]


def _messages(steps: Sequence[Step]) -> Iterator[_Message]:
    for number, step in enumerate(steps):
        picture = step if isinstance(step, PictureStep) else None
        yield _Message(step_text(step, number + 1, len(steps)), step_choices(_RUN, number, step), picture)
        if isinstance(step, QuestionStep):
            chosen = next((choice for choice in step.choices if not choice.correct), step.right)
            choices = (go_on_choice(_RUN, number), stop_choice(_RUN, number))
            yield _Message(explanation_text(step, chosen), choices)


def _on_matrix(message: _Message) -> ShownMessage:
    # Networks bring libraries of their own, which only previews need in the hub.
    from bot.matrix.rendering import with_legend

    outgoing = message.outgoing(Network.MATRIX)
    text = plain_body(with_legend(outgoing.text or rich(), outgoing.choices))
    alt = f"{message.picture.alt}\n\n" if message.picture else ""
    emojis = tuple(choice.emoji for choice in outgoing.choices if choice.emoji)
    return ShownMessage(f"{alt}{text}", _picture_name(message), emojis)


def _on_telegram(message: _Message) -> ShownMessage:
    from bot.telegram.writing import keyboard, readable, write

    outgoing = message.outgoing(Network.TELEGRAM)
    written = write(readable(described_text(outgoing) or rich()))
    buttons = keyboard(outgoing.choices)
    rows = buttons.inline_keyboard if buttons else ()
    return ShownMessage(written.text, _picture_name(message), tuple(button.text for row in rows for button in row))


def _picture_name(message: _Message) -> str | None:
    return message.picture.picture if message.picture else None
