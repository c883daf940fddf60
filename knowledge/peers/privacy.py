"""What is kept of one person about peers: what they declared, whom they asked, who asked them, whom they blocked."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.clock import now
from knowledge.models.member import Findable
from knowledge.models.peer import ContactState
from knowledge.models.topic import Stance
from knowledge.peers.repository import ProfileRepository
from knowledge.peers.requests.limits import declined_closes
from knowledge.peers.requests.repository import ContactRepository
from knowledge.topics.tree import load_tree


async def stored_of(session: AsyncSession, member_id: UUID) -> dict[str, Any]:
    """Return, for the person, what is kept of them; of others no more than they know already."""
    profiles, contacts, tree = ProfileRepository(session), ContactRepository(session), await load_tree(session)
    member = await profiles.member(member_id)
    declared = await profiles.topics(member_id)
    topics = {stance.value: [tree.path(row.topic_id) for row in declared if row.stance is stance] for stance in Stance}
    # Whether a request was brought to its person is not told here either.
    mine = [
        {"created_at": row.created_at.isoformat(), "topic": tree.path(row.topic_id) if row.topic_id else None}
        for row in await contacts.made_by(member_id)
    ]
    to_me = [
        {"created_at": row.created_at.isoformat(), "state": row.state.value, "text": row.text}
        for row in await contacts.made_to(member_id)
    ]
    blocked = [block.created_at.isoformat() for block, _member in await contacts.blocked(member_id)]
    return {
        "findable": member.findable.value if member else Findable.OFF.value,
        "languages": list(member.languages) if member else [],
        "topics": topics,
        "contacts_asked": mine,
        "contacts_received": to_me,
        "blocked_since": blocked,
    }


async def erase_of(session: AsyncSession, member_id: UUID) -> None:
    """Erase all of it, in this transaction.

    Who asked this person goes on knowing no more than before: what waited turns out to be "not available" as a request
    that was never brought to anybody does.
    """
    profiles, contacts = ProfileRepository(session), ContactRepository(session)
    for stance in Stance:
        rows = await profiles.topics(member_id)
        await profiles.remove_topics(member_id, stance, {row.topic_id for row in rows})
    await profiles.change(member_id, findable=Findable.OFF, languages=[])
    await contacts.forget_asker(member_id)
    await contacts.forget_blocks(member_id)
    for row in await contacts.of_person(member_id):
        values: dict[str, Any] = {"to_member_id": None, "text": ""}
        if row.state is ContactState.OPEN:
            values |= {
                "state": ContactState.UNDELIVERED,
                "closes_at": declined_closes(row, now(), (await contacts.first(row)).created_at),
            }
        await contacts.let_go(row.id, **values)
