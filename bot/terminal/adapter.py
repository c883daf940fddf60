"""The terminal as a chat network of one person: what is typed comes in, what is said is written."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from bot.core.adapter import Features, Take
from bot.core.messages import EventKind, Incoming, Outgoing, Person, Place
from bot.core.pictures import picture_words
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.kit.language import _, current_language
from knowledge.models.chat import ChatKind, Network

END = ("/ende", "/quit", "/exit")

Write = Callable[[str], None]


class TerminalAdapter:
    """Reads lines and writes texts; the next line is read when the last one was answered.

    Args:
        lines: what the person types.
        write: shows them something.
        name: of the chat and its person; two conversations at the same time have different ones.
    """

    network = Network.TERMINAL
    features = Features(buttons=False, can_write_first=True, tells_deletions=False, longest_text=1_000_000)
    account = "allmende"

    def __init__(self, lines: AsyncIterator[str], write: Write, *, name: str = "terminal") -> None:
        self._lines = lines
        self._write = write
        self._place = Place(self.network, name, ChatKind.DIRECT)
        self._person = Person(self.network, name)
        self.answered: Callable[[], Awaitable[None]] | None = None
        """Waits until what was typed is answered; set by whoever runs the bot."""
        self.ended = asyncio.Event()
        """Set when the person or their lines have ended."""

    async def start(self, cursor: str | None) -> None:
        """There is nothing to sign in to."""

    async def receive(self, take: Take, stop: asyncio.Event) -> None:
        """Hand over line after line until the person or their patience ends."""
        async for line in self._lines:
            text = line.strip()
            if text.lower() in END or stop.is_set():
                break
            if text:
                await take([self._incoming(text)], None)
                if self.answered is not None:
                    await self.answered()
        self.ended.set()
        await stop.wait()

    def _incoming(self, text: str) -> Incoming:
        return Incoming(
            event=new_id().hex,
            kind=EventKind.MESSAGE,
            place=self._place,
            sender=self._person,
            sent_at=now(),
            text=text,
            language=current_language(),
        )

    async def send(self, message: Outgoing, key: str) -> Sequence[str]:
        """Write a message, its choices with the numbers to type."""
        if message.text is not None or message.attachment is not None:
            self._write(written(message) + "\n")
        return [key]

    async def show_working(self, place: Place, *, on: bool) -> None:
        """An answer is there before anybody could read such a sign."""

    async def direct_chat(self, person: Person) -> str | None:  # noqa: ARG002 - there is one person only
        """Return the only chat there is."""
        return self._place.chat

    def direct_link(self, word: str) -> str | None:  # noqa: ARG002 - there is nothing to open
        """Return nothing: this is a direct chat already."""
        return None

    async def close(self) -> None:
        """There is nothing to give back."""


def written(message: Outgoing) -> str:
    """Return a message as it is shown: text, attachment, then what can be chosen, with numbers to type.

    Of a picture it is said what it shows, above its text, where others see it.
    """
    parts = [message.text.plain.strip("\n") if message.text else ""]
    attachment = message.attachment
    if attachment is not None and attachment.is_picture:
        parts.insert(0, f"[{picture_words(attachment)}]")
    elif attachment is not None:
        parts.append(f"{attachment.name}:\n{attachment.content.decode('utf-8', 'replace').strip()}")
    links = [f"{choice.label}: {choice.address}" for choice in message.choices if choice.address]
    labels = [choice.label for choice in message.choices if not choice.address]
    if labels:
        numbered = "   ".join(f"{number} {label}" for number, label in enumerate(labels, start=1))
        links.append(_("Type a number to choose: {choices}").format(choices=numbered))
    return "\n\n".join(part for part in (*parts, "\n".join(links)) if part)
