"""The port that every chat network is plugged into."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bot.core.messages import FileNote, Incoming, Outgoing, Person, Place
from knowledge.kit.errors import AllmendeError
from knowledge.models.chat import Network


class SendRefused(AllmendeError):
    """The network will never take this message: the bot was blocked or removed, the chat is gone, the text is wrong.

    ``gone`` says that the whole chat is out of reach.
    """

    code = "chat.send_refused"

    def __init__(self, message: str, *, detail: str | None = None, gone: bool = False) -> None:
        super().__init__(message, detail=detail)
        self.gone = gone


class SendPostponed(AllmendeError):
    """The network cannot take this message now; ``seconds`` is how long it asks us to wait, where it does."""

    status = 503
    code = "chat.send_postponed"

    def __init__(self, message: str, *, detail: str | None = None, seconds: float | None = None) -> None:
        super().__init__(message, detail=detail)
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Features:
    """What a network can do."""

    # Buttons below messages (otherwise reactions, or numbers to answer with).
    buttons: bool
    # The bot can begin a direct chat.
    can_write_first: bool
    # The bot hears of deleted messages.
    tells_deletions: bool
    # Longest text of one message in UTF-16 units.
    longest_text: int
    # Marks that begin a command besides "/".
    command_marks: tuple[str, ...] = ()


# Takes events into custody, together with how far the network's stream was read; returns when that is committed.
# Events that are there already do nothing.
Take = Callable[[Sequence[Incoming], str | None], Awaitable[None]]


class Adapter(Protocol):
    """A chat network: events in, messages out."""

    network: Network
    features: Features

    @property
    def account(self) -> str:
        """The bot's own address on the network (known after ``start``)."""
        ...

    async def start(self, cursor: str | None) -> None:
        """Sign in and get ready; ``cursor`` is what the last committed ``take`` was given.

        Raises ``AllmendeError`` with what an administrator can do where signing in is refused for good.
        """
        ...

    async def receive(self, take: Take, stop: asyncio.Event) -> None:
        """Hand events over until ``stop`` is set; a network that is away is waited for, with growing pauses."""
        ...

    async def send(self, message: Outgoing, key: str) -> Sequence[str]:
        """Send a message and return the network's identifiers of what was sent, in order.

        For a text that replaces earlier ones (``edits``) these are the messages as they stand now: changed ones keep
        their identifiers, and deleted ones are not among them. ``key`` is the same for each
        try. Raises ``SendRefused`` or ``SendPostponed``.
        """
        ...

    async def show_working(self, place: Place, *, on: bool) -> None:
        """Show that the bot is at work (typing); never raises. Called again every few seconds while work goes on."""
        ...

    async def direct_chat(self, person: Person) -> str | None:
        """Return the address of a direct chat with a person, making one if need be; ``None`` where the bot cannot."""
        ...

    def direct_link(self, word: str) -> str | None:
        """Return a link that opens the direct chat and says ``/start <word>``; ``None`` where there is no such link."""
        ...

    async def close(self) -> None:
        """Give back connections; what was begun is finished first."""
        ...


@runtime_checkable
class Overhears(Protocol):
    """A network that hands over talk that is not for the bot, from the groups that want it.

    ``overhears`` is set from outside: it says for a chat's address whether that is wanted there.
    """

    overhears: Callable[[str], bool]


class FileRefused(AllmendeError):
    """A file that was sent to the bot cannot be had: it is too large, or gone."""

    status = 422
    code = "chat.file_refused"


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """What somebody wrote, read for this moment only. ``by_machine``: another bot, or the bot itself."""

    author: Person
    text: str
    by_machine: bool = False


@runtime_checkable
class FetchesFiles(Protocol):
    """A network that hands over the content of files."""

    async def fetch_file(self, incoming: Incoming, note: FileNote, *, most: int) -> bytes:
        """Return the content of a file that came with an event.

        Raises ``FileRefused`` for one that is gone or larger than ``most`` bytes, ``SendPostponed`` while the network
        is away.
        """
        ...


@runtime_checkable
class ReadsMessages(Protocol):
    """A network on which the bot can read a message of a group again."""

    async def read_message(self, place: Place, event: str) -> ReadMessage | None:
        """Return what a message says now; ``None`` where it is gone, or no words. Raises ``SendPostponed``."""
        ...


@runtime_checkable
class OffersCommands(Protocol):
    """A network whose menus list commands."""

    async def offer_commands(self, commands: Mapping[str, Sequence[tuple[str, str]]]) -> None:
        """Have menus list names and descriptions by language; the first language is for all others. Never raises."""
        ...
