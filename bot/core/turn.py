"""One event being handled: what a handler gets to know, and how it says something.

Handlers come in two steps. ``prepare`` runs without a transaction and may take long (search, extraction); ``act`` runs
in the one transaction that also notes the event as handled and keeps what is to be said, and must be quick. What goes
out waits for the commit.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from bot.core.adapter import Features, FileRefused, ReadMessage
from bot.core.messages import Attachment, Choice, FileNote, Incoming, Outgoing, Place
from bot.core.text import RichText
from knowledge.access.visibility import Viewer
from knowledge.chats.schemas import ChatEntry, IdentityEntry
from knowledge.kit.database import Database
from knowledge.kit.language import _
from knowledge.kit.settings import Settings
from knowledge.kit.unit_of_work import UnitOfWork
from knowledge.library.answers.service import AnswerService
from knowledge.models.chat import ChatKind, Network

# Fetches a file that came with an event, with at most so many bytes; see ``FetchesFiles``.
FetchFile = Callable[[Incoming, FileNote, int], Awaitable[bytes]]
# Reads a message of a group; see ``ReadsMessages``.
ReadAgain = Callable[[Place, str], Awaitable[ReadMessage | None]]


async def no_files(_incoming: Incoming, _note: FileNote, _most: int) -> bytes:
    """Fetch nothing: this network hands no files over. Raises ``FileRefused``."""
    raise FileRefused(_("I cannot take files here."))


async def no_messages(_place: Place, _event: str) -> ReadMessage | None:
    """Read nothing: this network lets no message be read again."""
    return None


@dataclass(frozen=True, slots=True)
class Services:
    """What handlers work with, made once for the life of the process.

    ``features`` says what each connected network can do, ``accounts`` the bot's own address there; ``direct_link``
    makes a link that opens the direct chat and says ``/start <word>`` (``None`` where a network has no such links).
    ``fetch_file`` and ``read_message`` ask the event's network, outside of any transaction.
    """

    database: Database
    settings: Settings
    answers: AnswerService
    features: Mapping[Network, Features]
    accounts: Mapping[Network, str]
    direct_link: Callable[[Network, str], str | None]
    fetch_file: FetchFile = no_files
    read_message: ReadAgain = no_messages


@dataclass(frozen=True, slots=True)
class Glance:
    """What is known about an event before its transaction.

    ``viewer`` is what may be shown in this place to these people: the chat's own rule in a group, the person's in a
    direct chat. ``argument`` is the text without the command. ``choice`` is what follows the colon in the chosen key.
    """

    services: Services
    incoming: Incoming
    identity: IdentityEntry
    chat: ChatEntry
    viewer: Viewer
    argument: str = ""
    choice: str = ""

    @property
    def network(self) -> Network:
        """The network that the event came from."""
        return self.incoming.place.network

    @property
    def features(self) -> Features:
        """What this network can do."""
        return self.services.features[self.network]

    @property
    def is_direct(self) -> bool:
        """Whether nobody else reads along."""
        return self.chat.kind is ChatKind.DIRECT


@dataclass(frozen=True, slots=True)
class Said:
    """A message that a handler wants sent, with the exchange that it belongs to.

    ``to`` is set instead of the message's place for private messages: the identity whose direct chat it goes to, which
    is made first where there is none.
    """

    message: Outgoing
    exchange_id: UUID | None = None
    to: UUID | None = None


@dataclass(slots=True)
class Turn:
    """An event within its transaction."""

    glance: Glance
    unit: UnitOfWork
    prepared: Any = None
    said: list[Said] = field(default_factory=list)

    @property
    def services(self) -> Services:
        """What to work with."""
        return self.glance.services

    @property
    def incoming(self) -> Incoming:
        """The event."""
        return self.glance.incoming

    @property
    def identity(self) -> IdentityEntry:
        """Who did it."""
        return self.glance.identity

    @property
    def chat(self) -> ChatEntry:
        """Where."""
        return self.glance.chat

    def say(
        self,
        text: RichText,
        *,
        choices: tuple[Choice, ...] = (),
        exchange_id: UUID | None = None,
        attachment: Attachment | None = None,
    ) -> None:
        """Answer in the place of the event, as a reply to it in groups; with an exchange it counts as automatic."""
        incoming = self.incoming
        reply_to = None if self.glance.is_direct or incoming.sender.is_bot else self._replied_to()
        message = Outgoing(
            incoming.place, text, choices, reply_to=reply_to, automatic=exchange_id is not None, attachment=attachment
        )
        self.said.append(Said(message, exchange_id))

    def _replied_to(self) -> str | None:
        """The event itself, or the message that it is about: one does not reply to a press of a button."""
        return self.incoming.about or self.incoming.event

    def say_privately(
        self,
        text: RichText,
        *,
        choices: tuple[Choice, ...] = (),
        exchange_id: UUID | None = None,
        attachment: Attachment | None = None,
        to: UUID | None = None,
    ) -> None:
        """Say something in the direct chat of the event's person, or of the identity ``to``.

        Only for networks where the bot can write first, or people whose direct chat exists.
        """
        place = Place(self.glance.network, "", ChatKind.DIRECT)
        message = Outgoing(place, text, choices, automatic=exchange_id is not None, attachment=attachment)
        self.said.append(Said(message, exchange_id, to or self.identity.id))

    def change(
        self,
        events: tuple[str, ...],
        text: RichText,
        *,
        choices: tuple[Choice, ...] = (),
        exchange_id: UUID | None = None,
    ) -> None:
        """Put ``text`` in the place of what the bot said before in this chat."""
        message = Outgoing(self.incoming.place, text, choices, edits=events, automatic=exchange_id is not None)
        self.said.append(Said(message, exchange_id))

    def take_away(self, events: tuple[str, ...], *, place: Place | None = None) -> None:
        """Delete messages of the bot."""
        self.said.append(Said(Outgoing(place or self.incoming.place, deletes=events)))

    def say_at(self, place: Place, text: RichText, **more: Any) -> None:
        """Say something in another place; ``more`` as for ``say``."""
        exchange_id = more.pop("exchange_id", None)
        self.said.append(Said(replace(Outgoing(place, text), **more), exchange_id))


Prepare = Callable[[Glance], Awaitable[Any]]
Act = Callable[[Turn], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Handler:
    """What is done for an event: perhaps something slow first, then the act in its transaction.

    ``asks`` marks questions: they wait for their turn in their chat and for a free place among those worked on, count
    against the limits, and show a sign of work meanwhile.
    """

    act: Act
    prepare: Prepare | None = None
    asks: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """Something that people write behind a slash (or the network's own mark).

    ``names`` holds the German name first, then the English one and others. ``about`` says in a line what it does
    (called in the reader's language). ``offered`` decides whether help and menus name it to somebody in a place; it
    works in the chats of ``where``. ``personal`` commands are about one person, so nobody has them who speaks as a
    group; commands that only ``informs`` are not worth answering long after they were sent.
    """

    names: tuple[str, ...]
    about: Callable[[], str]
    handler: Handler
    where: frozenset[ChatKind] = frozenset(ChatKind)
    offered: Callable[[Glance], bool] = lambda _glance: True
    personal: bool = False
    informs: bool = False


@dataclass(frozen=True, slots=True)
class ChoiceHandler:
    """What happens when somebody chooses ``<name>:<anything>`` below a message, or takes the choice back.

    ``replied``: what happens when they reply to that message in words, which are the glance's argument then.
    """

    name: str
    handler: Handler
    undone: Handler | None = None
    replied: Handler | None = None
