"""The statements of tokens for programs."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from knowledge.kit.inserting import insert_into
from knowledge.models.member import Member
from knowledge.models.organisation import Organisation
from knowledge.models.token import ApiRequest, ApiToken, TokenKind

# A token with the names around it.
NamedRow = tuple[ApiToken, str | None, str | None]


class TokenRepository:
    """Tokens over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, token: ApiToken) -> None:
        """Take in a new token."""
        self._session.add(token)
        await self._session.flush()

    async def find(self, digest: str) -> tuple[ApiToken, Member | None, Organisation | None] | None:
        """Return a token with its member, and with the organisation of the member or its own."""
        row = (await self._session.execute(_by_digest(), {"digest": digest})).first()
        return (row[0], row[1], row[2]) if row else None

    async def get(self, token_id: UUID) -> NamedRow | None:
        """Return a token with the names around it."""
        row = (await self._session.execute(_named().where(ApiToken.id == token_id))).first()
        return (row[0], row[1], row[2]) if row else None

    async def of_member(self, member_id: UUID) -> Sequence[NamedRow]:
        """Return a member's own tokens that are not revoked, the newest first."""
        return await self._list(_named().where(ApiToken.member_id == member_id))

    async def of_services(self) -> Sequence[NamedRow]:
        """Return the tokens of services that are not revoked, the newest first."""
        return await self._list(_named().where(ApiToken.kind == TokenKind.SERVICE))

    async def _list(self, statement: Select[ApiToken, str, str]) -> Sequence[NamedRow]:
        alive = statement.where(ApiToken.revoked_at.is_(None)).order_by(ApiToken.created_at.desc(), ApiToken.id)
        return [(row[0], row[1], row[2]) for row in await self._session.execute(alive)]

    async def count_alive(self, member_id: UUID | None, moment: datetime) -> int:
        """Count the tokens of a member, or of all services, that work."""
        whose = ApiToken.member_id == member_id if member_id else ApiToken.kind == TokenKind.SERVICE
        alive = whose, ApiToken.revoked_at.is_(None), ApiToken.expires_at > moment
        return await self._session.scalar(select(func.count()).select_from(ApiToken).where(*alive)) or 0

    async def revoke(self, token_id: UUID, moment: datetime) -> bool:
        """End a token; ``False`` where it is over already."""
        alive = ApiToken.id == token_id, ApiToken.revoked_at.is_(None)
        statement = update(ApiToken).where(*alive).values(revoked_at=moment).returning(ApiToken.id)
        return (await self._session.execute(statement)).first() is not None

    async def revoke_all(self, member_id: UUID, moment: datetime) -> int:
        """End all tokens of a member; returns how many."""
        alive = ApiToken.member_id == member_id, ApiToken.revoked_at.is_(None)
        ended = update(ApiToken).where(*alive).values(revoked_at=moment).returning(ApiToken.id)
        return len((await self._session.execute(ended)).all())

    async def mark_used(self, token_id: UUID, day: date) -> None:
        """Note the day on which a token was used."""
        await self._session.execute(update(ApiToken).where(ApiToken.id == token_id).values(used_on=day))


class RequestRepository:
    """Answers to creations over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def take(self, key: str, token_id: UUID, request: str, moment: datetime) -> bool:
        """Use a key up; ``False`` where it is used already."""
        values = {"key": key, "token_id": token_id, "request": request, "created_at": moment}
        statement = insert_into(self._session, ApiRequest).values(**values, status=0, headers={}, body=None)
        taken = await self._session.execute(statement.on_conflict_do_nothing().returning(ApiRequest.key))
        return taken.first() is not None

    async def find(self, key: str) -> ApiRequest | None:
        """Return what was answered under a key."""
        return await self._session.scalar(select(ApiRequest).where(ApiRequest.key == key))

    async def keep(self, key: str, *, status: int, headers: dict[str, str], body: Any) -> None:
        """Keep an answer under its key."""
        values = {"status": status, "headers": headers, "body": body}
        await self._session.execute(update(ApiRequest).where(ApiRequest.key == key).values(**values))

    async def forget_old(self, key: str, *, before: datetime) -> None:
        """Delete what was answered under a key so long ago that it may be used anew."""
        await self._session.execute(delete(ApiRequest).where(ApiRequest.key == key, ApiRequest.created_at <= before))


@cache
def _by_digest() -> Select[ApiToken, Member, Organisation]:
    """Return what every request of a program asks; made once, as that takes longer than answering it."""
    of_whom = func.coalesce(Member.organisation_id, ApiToken.organisation_id)
    return (
        select(ApiToken, Member, Organisation)
        .outerjoin(Member, Member.id == ApiToken.member_id)
        .outerjoin(Organisation, Organisation.id == of_whom)
        .where(ApiToken.digest == bindparam("digest"))
    )


def _named() -> Select[ApiToken, str, str]:
    """Return tokens with the name of their member, or of who made them, and of their own organisation."""
    whose = aliased(Member)
    return (
        select(ApiToken, whose.name, Organisation.name)
        .outerjoin(whose, whose.id == func.coalesce(ApiToken.member_id, ApiToken.made_by))
        .outerjoin(Organisation, Organisation.id == ApiToken.organisation_id)
    )
