"""The statements of access: links, sessions, credentials, what protects them, and forms."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.schemas import UsedLink
from knowledge.kit.inserting import insert_into
from knowledge.models.access import (
    Credential,
    HubSession,
    KeptForm,
    LinkPurpose,
    ModeratorScope,
    RecoveryCode,
    SignInAttempts,
    SignInLink,
    UsedForm,
)
from knowledge.models.member import Member
from knowledge.models.organisation import Organisation

# A session with its member, and the organisation's key, name and Land.
SessionRow = tuple[HubSession, Member, str | None, str | None, str | None]


class LinkRepository:
    """One-time links over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, link: SignInLink) -> None:
        """Take in a new link."""
        self._session.add(link)
        await self._session.flush()

    async def forget_unused(self, member_id: UUID, purpose: LinkPurpose) -> None:
        """Delete a member's unused links of a purpose."""
        unused = SignInLink.used_at.is_(None), SignInLink.member_id == member_id, SignInLink.purpose == purpose
        await self._session.execute(delete(SignInLink).where(*unused))

    async def spend(self, digest: str, moment: datetime) -> UsedLink | None:
        """Use a link up that is neither used nor expired and whose member may sign in."""
        may_come = select(Member.id).where(Member.active.is_(True), Member.suspended_at.is_(None))
        statement = (
            update(SignInLink)
            .where(SignInLink.digest == digest, SignInLink.used_at.is_(None), SignInLink.expires_at > moment)
            .where(SignInLink.member_id.in_(may_come))
            .values(used_at=moment)
            .returning(SignInLink.member_id, SignInLink.purpose)
        )
        row = (await self._session.execute(statement)).first()
        return UsedLink(row[0], row[1]) if row else None


class SessionRepository:
    """Sessions in the hub over one session of the database."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, opened: HubSession) -> None:
        """Take in a new session."""
        self._session.add(opened)
        await self._session.flush()

    async def find(self, digest: str) -> SessionRow | None:
        """Return the session of a cookie, also one that is over."""
        statement = (
            select(HubSession, Member, Organisation.key, Organisation.name, Organisation.state_key)
            .join(Member, Member.id == HubSession.member_id)
            .outerjoin(Organisation, Organisation.id == Member.organisation_id)
            .where(HubSession.digest == digest)
        )
        row = (await self._session.execute(statement)).first()
        return (row[0], row[1], row[2], row[3], row[4]) if row else None

    async def scopes(self, member_id: UUID) -> Sequence[ModeratorScope]:
        """Return what a moderator looks after."""
        return (await self._session.scalars(select(ModeratorScope).where(ModeratorScope.member_id == member_id))).all()

    async def of_member(self, member_id: UUID, moment: datetime) -> Sequence[HubSession]:
        """Return a member's sessions that were not ended, the one seen last first."""
        live = HubSession.member_id == member_id, HubSession.expires_at > moment
        return (await self._session.scalars(select(HubSession).where(*live).order_by(HubSession.seen_at.desc()))).all()

    async def mark_seen(self, session_id: UUID, moment: datetime, *, before: datetime) -> None:
        """Note that a session was used, unless that was noted after ``before``."""
        stale = HubSession.id == session_id, HubSession.seen_at < before
        await self._session.execute(update(HubSession).where(*stale).values(seen_at=moment))

    async def change(self, session_id: UUID, **values: Any) -> None:
        """Set columns of a session."""
        await self._session.execute(update(HubSession).where(HubSession.id == session_id).values(**values))

    async def end(self, member_id: UUID, moment: datetime, *, only: UUID | None = None, but: UUID | None = None) -> int:
        """End a member's sessions: one, all but one, or all; returns how many."""
        conditions: list[ColumnElement[bool]] = [HubSession.member_id == member_id, HubSession.expires_at > moment]
        if only is not None:
            conditions.append(HubSession.id == only)
        if but is not None:
            conditions.append(HubSession.id != but)
        ended = update(HubSession).where(*conditions).values(expires_at=moment).returning(HubSession.id)
        return len((await self._session.execute(ended)).all())


class CredentialRepository:
    """Passwords and second factors over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_login(self, login: str) -> Credential | None:
        """Return what somebody who may sign in signs in with."""
        statement = (
            select(Credential)
            .join(Member, Member.id == Credential.member_id)
            .where(Credential.login == login, Member.active.is_(True), Member.suspended_at.is_(None))
        )
        return await self._session.scalar(statement)

    async def of_member(self, member_id: UUID) -> Credential | None:
        """Return a member's own."""
        statement = select(Credential).where(Credential.member_id == member_id)
        return await self._session.scalar(statement.execution_options(populate_existing=True))

    async def sealed(self) -> Sequence[tuple[UUID, str]]:
        """Return the encrypted secrets of all second factors that are in use, with whose they are."""
        in_use = Credential.totp_confirmed_at.is_not(None), Credential.totp_secret.is_not(None)
        rows = await self._session.execute(select(Credential.member_id, Credential.totp_secret).where(*in_use))
        return [(member_id, secret) for member_id, secret in rows if secret is not None]

    async def is_taken(self, login: str, *, but: UUID) -> bool:
        """Whether somebody else signs in with this name."""
        statement = select(Credential.member_id).where(Credential.login == login, Credential.member_id != but)
        return await self._session.scalar(statement) is not None

    async def add(self, credential: Credential) -> None:
        """Take in a new credential."""
        self._session.add(credential)
        await self._session.flush()

    async def spend_step(self, member_id: UUID, step: int) -> bool:
        """Use a time step's code up; ``False`` where it, or a later one, was used already."""
        fresh = or_(Credential.totp_step.is_(None), Credential.totp_step < step)
        statement = update(Credential).where(Credential.member_id == member_id, fresh).values(totp_step=step)
        return (await self._session.execute(statement.returning(Credential.member_id))).first() is not None

    async def rehash(self, member_id: UUID, password_hash: str, *, old: str) -> None:
        """Keep a password's new hash, unless it was changed meanwhile."""
        same = Credential.member_id == member_id, Credential.password_hash == old
        await self._session.execute(update(Credential).where(*same).values(password_hash=password_hash))

    async def spend_code(self, member_id: UUID, digest: str, moment: datetime) -> bool:
        """Use a recovery code up; ``False`` where there is none such."""
        unused = RecoveryCode.member_id == member_id, RecoveryCode.digest == digest, RecoveryCode.used_at.is_(None)
        statement = update(RecoveryCode).where(*unused).values(used_at=moment).returning(RecoveryCode.id)
        return (await self._session.execute(statement)).first() is not None

    async def replace_codes(self, member_id: UUID, digests: Collection[str]) -> None:
        """Keep new recovery codes in place of all older ones."""
        await self._session.execute(delete(RecoveryCode).where(RecoveryCode.member_id == member_id))
        self._session.add_all(RecoveryCode(member_id=member_id, digest=digest) for digest in digests)
        await self._session.flush()

    async def codes_left(self, member_id: UUID) -> int:
        """Count the recovery codes that still work."""
        unused = RecoveryCode.member_id == member_id, RecoveryCode.used_at.is_(None)
        return await self._session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0


class AttemptRepository:
    """What was tried in vain, over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of(self, keys: Collection[str]) -> dict[str, SignInAttempts]:
        """Return what is known of some keys."""
        statement = select(SignInAttempts).where(SignInAttempts.key.in_(keys)).with_for_update()
        return {row.key: row for row in await self._session.scalars(statement)}

    async def set(self, key: str, count: int, moment: datetime) -> None:
        """Keep how often something was tried, and when last."""
        values = {"key": key, "count": count, "since": moment}
        statement = insert_into(self._session, SignInAttempts).values(**values)
        renewed = {"count": statement.excluded.count, "since": statement.excluded.since}
        await self._session.execute(statement.on_conflict_do_update(index_elements=["key"], set_=renewed))

    async def forget(self, keys: Collection[str]) -> None:
        """Forget some keys."""
        await self._session.execute(delete(SignInAttempts).where(SignInAttempts.key.in_(keys)))


class FormRepository:
    """Forms that were kept or used, over one session."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def keep(self, form: KeptForm) -> None:
        """Take in a form."""
        self._session.add(form)
        await self._session.flush()

    async def kept(self, digest: str, member_id: UUID, moment: datetime) -> KeptForm | None:
        """Return a kept form of a member."""
        wanted = KeptForm.digest == digest, KeptForm.member_id == member_id, KeptForm.expires_at > moment
        return await self._session.scalar(select(KeptForm).where(*wanted))

    async def forget_kept(self, digest: str) -> None:
        """Delete a kept form."""
        await self._session.execute(delete(KeptForm).where(KeptForm.digest == digest))

    async def count_kept(self, member_id: UUID) -> int:
        """Count a member's kept forms."""
        statement = select(func.count()).select_from(KeptForm).where(KeptForm.member_id == member_id)
        return await self._session.scalar(statement) or 0

    async def take(self, key: str, location: str, moment: datetime) -> str | None:
        """Use a form's key up; where it was used already, return where the first one led.

        On PostgreSQL this waits for another request that uses the same key right now.
        """
        statement = insert_into(self._session, UsedForm).values(key=key, location=location, used_at=moment)
        taken = await self._session.execute(statement.on_conflict_do_nothing().returning(UsedForm.key))
        if taken.first() is not None:
            return None
        return await self._session.scalar(select(UsedForm.location).where(UsedForm.key == key)) or location

    async def led_to(self, key: str, location: str) -> None:
        """Note where a form led."""
        await self._session.execute(update(UsedForm).where(UsedForm.key == key).values(location=location))

    async def give_back(self, key: str) -> None:
        """Let a form be sent again that led nowhere."""
        await self._session.execute(delete(UsedForm).where(UsedForm.key == key))
