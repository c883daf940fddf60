"""Conversations in the browser, as pages and the bot know them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

# How the addresses of people begin: a member's says who, a visitor's is a digest of what their browser keeps.
MEMBER, VISITOR = "member:", "visitor:"
# What is shown in the conversation itself.
PICTURES = ("image/png", "image/jpeg")


@dataclass(frozen=True, slots=True)
class Talker:
    """Who talks in the browser; ``address`` is theirs on the network, and that of their conversation."""

    address: str
    member_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that somebody sends."""

    name: str
    media_type: str | None
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class WebTurn:
    """What somebody does: says something, chooses something, or sends a file.

    ``key`` is the same when the same form is sent again. ``about`` and ``choice``: what is chosen below which message.
    """

    talker: Talker
    key: str
    language: str
    text: str = ""
    about: str | None = None
    choice: str | None = None
    file: SentFile | None = None


@dataclass(frozen=True, slots=True)
class ShownSpan:
    """A run of characters in one style, perhaps a link."""

    text: str
    style: str
    link: str | None


@dataclass(frozen=True, slots=True)
class ShownBlock:
    """A paragraph, heading, quotation, item of a list, or note."""

    kind: str
    spans: Sequence[ShownSpan]


@dataclass(frozen=True, slots=True)
class ShownChoice:
    """Something to choose below a message, or a link; ``pressed``: it was chosen."""

    key: str
    label: str
    address: str | None
    pressed: bool


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A file that came with a message; ``there`` as long as it can be fetched."""

    name: str
    media_type: str
    alt: str
    width: int | None
    height: int | None
    there: bool

    @property
    def is_picture(self) -> bool:
        """Whether it is shown in the conversation itself."""
        return self.media_type in PICTURES


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """A message of a conversation; ``mine``: the person said it."""

    id: int
    key: str
    mine: bool
    blocks: Sequence[ShownBlock]
    choices: Sequence[ShownChoice]
    file: ShownFile | None
    automatic: bool
    moment: datetime


@dataclass(frozen=True, slots=True)
class TalkState:
    """How a conversation stands, to be compared later.

    ``mark`` is another one whenever a message came, changed or went. ``numbers`` are those of the newest messages.
    ``open``: keys of what the person did, where an answer to one of them is not there yet.
    """

    mark: str = ""
    numbers: Sequence[int] = ()
    open: Sequence[str] = ()

    def after(self, number: int) -> int | None:
        """Return the number of the first message after one, if there is any."""
        return min((one for one in self.numbers if one > number), default=None)


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said, oldest first.

    ``state``: how the conversation stands. ``is_there``: there is one, perhaps empty.
    """

    messages: Sequence[ShownMessage]
    is_there: bool = True
    has_earlier: bool = False
    state: TalkState = field(default_factory=TalkState)

    @property
    def waits(self) -> bool:
        """Whether an answer to something is not there yet."""
        return bool(self.state.open)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What is in a file of a conversation."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


def read_blocks(values: Sequence[Any]) -> list[ShownBlock]:
    """Return blocks from how they are kept."""
    return [ShownBlock(kind, [ShownSpan(*span) for span in spans]) for kind, spans in values]


def read_file(values: Mapping[str, Any] | None, *, there: bool) -> ShownFile | None:
    """Return what is kept about a file."""
    if values is None:
        return None
    return ShownFile(
        name=values["name"],
        media_type=values["media_type"] or "application/octet-stream",
        alt=values.get("alt", ""),
        width=values.get("width"),
        height=values.get("height"),
        there=there,
    )
