"""Where people stand in guided dialogues."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.chats.repository import DialogueRepository
from knowledge.kit.clock import now
from knowledge.kit.ids import new_id
from knowledge.models.conversation import Dialogue

# How long an unfinished dialogue is kept, at most.
LONGEST_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class DialogueState:
    """A dialogue that somebody is in or has left.

    ``asked`` counts the questions put, so that choices below an earlier one are recognised as stale; ``choices`` are
    those of the last question, as key and label.
    """

    name: str
    step: str
    data: dict[str, Any] = field(default_factory=dict)
    asked: int = 0
    choices: tuple[tuple[str, str], ...] = ()
    active: bool = True
    updated_at: datetime | None = None


class DialogueBook:
    """Dialogues of one person in one chat, within the caller's transaction."""

    def __init__(self, session: AsyncSession, identity_id: UUID, chat_id: UUID) -> None:
        self._dialogues = DialogueRepository(session)
        self._identity_id, self._chat_id = identity_id, chat_id

    async def active(self) -> DialogueState | None:
        """Return the dialogue that the person is in."""
        return _state(await self._dialogues.active(self._identity_id, self._chat_id))

    async def newest(self) -> DialogueState | None:
        """Return the dialogue that the person was in last, whether left or not."""
        return _state(await self._dialogues.newest(self._identity_id, self._chat_id))

    async def named(self, name: str) -> DialogueState | None:
        """Return the person's dialogue of this name, whether left or not."""
        return _state(await self._dialogues.named(self._identity_id, self._chat_id, name))

    async def keep(self, state: DialogueState, *, keep_days: int) -> None:
        """Keep where the person stands; they are in this dialogue from now on."""
        moment = now()
        data = {"data": state.data, "asked": state.asked, "choices": [list(choice) for choice in state.choices]}
        await self._dialogues.keep(
            {
                "id": new_id(),
                "identity_id": self._identity_id,
                "chat_id": self._chat_id,
                "name": state.name,
                "step": state.step,
                "data": data,
                "active": True,
                "updated_at": moment,
                "expires_at": moment + timedelta(days=keep_days),
            }
        )

    async def leave(self) -> None:
        """Leave whatever dialogue the person is in; its draft is kept."""
        await self._dialogues.leave(self._identity_id, self._chat_id)

    async def forget(self, name: str) -> None:
        """Forget a dialogue with its draft."""
        await self._dialogues.delete(self._identity_id, self._chat_id, name)


def _state(row: Dialogue | None) -> DialogueState | None:
    if row is None:
        return None
    choices = tuple((choice[0], choice[1]) for choice in row.data.get("choices", ()))
    data, asked = row.data.get("data", {}), row.data.get("asked", 0)
    return DialogueState(row.name, row.step, data, asked, choices, row.active, row.updated_at)
