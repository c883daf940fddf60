"""What is known of exchanges: a question, its answer, and where people may come back to it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from knowledge.models.chat import ChatKind, Network


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where a question was asked: the chat, the thread in it, and the event of the message that asked."""

    chat_id: UUID
    thread: str | None
    question_event: str


@dataclass(frozen=True, slots=True)
class ExchangeEntry:
    """An exchange; ``asker_id`` and ``vote_salt`` are empty once the link to the person has expired.

    ``follows_id``: the exchange that this one goes on from, or whose question it answers elsewhere.
    """

    id: UUID
    anchor: Anchor
    asker_id: UUID | None
    question_id: UUID | None
    answer_id: UUID | None
    follows_id: UUID | None
    vote_salt: str | None
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SentEntry:
    """A message of the bot that belongs to an exchange, with the chat that it stands in.

    ``number`` counts the messages of the exchange from 0; the parts of a text that was split share it.
    """

    event: str
    network: Network
    chat_id: UUID
    chat: str
    kind: ChatKind
    number: int
    choices: tuple[tuple[str, str | None], ...]


@dataclass(frozen=True, slots=True)
class Votes:
    """How many said that an answer helped, and how many that it did not."""

    helpful: int = 0
    unhelpful: int = 0
