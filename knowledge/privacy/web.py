"""What is kept of somebody's conversation in the browser."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.models.webchat import Direction, WebConversation, WebMessage
from knowledge.privacy.schemas import StoredWebMessage
from knowledge.webchat.keeping import MEMBER_KEPT, VISITOR_KEPT
from knowledge.webchat.repository import WebChatRepository
from knowledge.webchat.schemas import read_blocks


async def said_in_browser(session: AsyncSession, identities: Sequence[UUID]) -> tuple[StoredWebMessage, ...]:
    """Return what was said in the conversations of some identities, oldest first."""
    rows = await WebChatRepository(session).of_identities(identities)
    return tuple(_stored(message, conversation) for message, conversation in rows)


def _stored(message: WebMessage, conversation: WebConversation) -> StoredWebMessage:
    return StoredWebMessage(
        mine=message.direction is Direction.IN,
        created_at=message.created_at,
        text="\n".join("".join(span.text for span in block.spans) for block in read_blocks(message.blocks)),
        file=message.file["name"] if message.file else None,
        kept_until=conversation.spoken_at + (VISITOR_KEPT if conversation.visitor else MEMBER_KEPT),
    )
