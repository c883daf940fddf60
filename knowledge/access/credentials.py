"""A member's own way in: sign-in name, password and second factor, set and changed by the member."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.keys import AccessKey
from knowledge.access.passwords import Passwords, check_password
from knowledge.access.repository import CredentialRepository
from knowledge.access.schemas import CredentialEntry
from knowledge.access.second_factor import (
    app_address,
    make_recovery_codes,
    make_secret,
    matching_step,
    recovery_digest,
)
from knowledge.access.sessions import Sessions
from knowledge.access.signing_in import SignInRefused, fold_login, sealed_for
from knowledge.access.throttle import Throttle
from knowledge.audit.service import record
from knowledge.kit.clock import now
from knowledge.kit.errors import Conflict, InvalidInput
from knowledge.kit.language import _
from knowledge.members.schemas import MemberEntry
from knowledge.models.access import Credential
from knowledge.notices.service import tell

# How long a secret that was shown waits for its first code.
OFFER_LASTS = timedelta(hours=1)
SHORTEST_LOGIN, LONGEST_LOGIN = 3, 100


class LoginUnfit(InvalidInput):
    """A sign-in name that cannot be used."""

    code = "access.login_unfit"


class LoginTaken(Conflict):
    """Somebody else signs in with this name."""

    code = "access.login_taken"


class CodeWrong(InvalidInput):
    """The first code of a new second factor does not fit its secret."""

    code = "access.code_wrong"

    def __init__(self) -> None:
        super().__init__(_("This code does not fit. Please type the one that the app shows now."))


class OfferOver(InvalidInput):
    """A secret was shown so long ago, or to somebody else, that it does not count any more."""

    code = "access.offer_over"

    def __init__(self) -> None:
        super().__init__(_("This took too long. Please scan the new picture."))


class NotRepeated(InvalidInput):
    """A new password was typed differently the second time."""

    code = "access.not_repeated"

    def __init__(self) -> None:
        super().__init__(_("The two passwords are not the same."))


class CredentialExists(Conflict):
    """Password and second factor are set already; changing them needs the old password."""

    code = "access.credential_exists"

    def __init__(self) -> None:
        super().__init__(_("You have a password already. To change it, please give the old one."))


@dataclass(frozen=True, slots=True)
class Offer:
    """A secret for an app: sealed for the form that brings its first code, as text, and as the app reads it."""

    sealed: str
    secret: str
    address: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to sign in with."""

    login: str
    password: str
    repeated: str
    sealed: str
    code: str


class Credentials:
    """Everything about members' own ways in, within the caller's transaction."""

    def __init__(self, session: AsyncSession, passwords: Passwords, key: AccessKey) -> None:
        self._session = session
        self._repository = CredentialRepository(session)
        self._passwords = passwords
        self._key = key

    async def entry(self, member_id: UUID) -> CredentialEntry | None:
        """Return what a member signs in with; ``None`` where that was never set."""
        row = await self._repository.of_member(member_id)
        if row is None:
            return None
        return CredentialEntry(row.login, row.changed_at, await self._repository.codes_left(member_id))

    def offer(self, member: MemberEntry, sealed: str | None = None) -> Offer:
        """Return a fresh secret for a member's app, or the one that was shown before, as long as it counts."""
        secret = self._offered(member.id, sealed) if sealed else None
        if secret is None or sealed is None:
            secret = make_secret()
            sealed = self._key.seal(f"{int(now().timestamp())} {secret}", about=f"offer to {member.id}")
        return Offer(sealed, secret, app_address(secret, member.name))

    async def set_up(self, member: MemberEntry, wish: Wish, *, session_id: UUID, recovers: bool = False) -> list[str]:
        """Set sign-in name, password and second factor at once; returns the recovery codes, which nobody sees again.

        Args:
            member: who.
            wish: what they chose, with the first code of their app.
            session_id: the one session that goes on, from now on with a second factor.
            recovers: whether a recovery link stands in for what was set before.

        Raises ``CredentialExists``, ``LoginUnfit``, ``LoginTaken``, ``PasswordUnfit``, ``NotRepeated``, ``OfferOver``,
        ``CodeWrong``.
        """
        credential = await self._repository.of_member(member.id)
        if credential is not None and not recovers:
            raise CredentialExists
        login = await self._free_login(wish.login, member.id)
        password = _new_password(wish.password, wish.repeated, login, member.name)
        secret, step = self._first_code(member.id, wish.sealed, wish.code)
        if credential is None:
            credential = Credential(member_id=member.id, login=login, password_hash="")
        credential.login = login
        credential.password_hash = await self._passwords.hash(password)
        self._set_factor(credential, secret, step)
        await self._repository.add(credential)
        codes = await self._fresh_codes(member.id)
        await self._changed(member.id, "account:set_up", but=session_id)
        return codes

    async def check_old(self, member: MemberEntry, password: str, *, address: str) -> None:
        """See that whoever changes something knows the password.

        Raises ``SignInRefused``, after which the transaction has to be committed all the same, because the try counts;
        and ``TooManyAttempts``.
        """
        credential = await self._repository.of_member(member.id)
        login = credential.login if credential else str(member.id)
        throttle = Throttle(self._session, self._key)
        await throttle.take(address=address, name=login)
        if not await self._passwords.matches(password, credential.password_hash if credential else None):
            raise SignInRefused
        await throttle.succeeded(address=address, name=login)

    async def change_password(self, member: MemberEntry, password: str, repeated: str, *, session_id: UUID) -> None:
        """Set a new password. Raises ``PasswordUnfit``, ``NotRepeated``, ``SignInRefused``."""
        credential = await self._own(member.id)
        new = _new_password(password, repeated, credential.login, member.name)
        credential.password_hash = await self._passwords.hash(new)
        await self._changed(member.id, "account:password_set", but=session_id)

    async def change_factor(self, member: MemberEntry, sealed: str, code: str, *, session_id: UUID) -> list[str]:
        """Set a new second factor; returns new recovery codes. Raises ``OfferOver``, ``CodeWrong``."""
        credential = await self._own(member.id)
        self._set_factor(credential, *self._first_code(member.id, sealed, code))
        codes = await self._fresh_codes(member.id)
        await self._changed(member.id, "account:second_factor_set", but=session_id)
        return codes

    async def _own(self, member_id: UUID) -> Credential:
        credential = await self._repository.of_member(member_id)
        if credential is None:
            raise SignInRefused
        return credential

    async def _free_login(self, text: str, member_id: UUID) -> str:
        login = fold_login(text)
        if not SHORTEST_LOGIN <= len(login) <= LONGEST_LOGIN:
            problem = _("Please choose a sign-in name of {shortest} to {longest} characters.")
            raise LoginUnfit(problem.format(shortest=SHORTEST_LOGIN, longest=LONGEST_LOGIN))
        if await self._repository.is_taken(login, but=member_id):
            raise LoginTaken(_("Please choose another sign-in name."))
        return login

    def _first_code(self, member_id: UUID, sealed: str, code: str) -> tuple[str, int]:
        secret = self._offered(member_id, sealed)
        if secret is None:
            raise OfferOver
        step = matching_step(secret, code, now())
        if step is None:
            raise CodeWrong
        return secret, step

    def _offered(self, member_id: UUID, sealed: str) -> str | None:
        opened = self._key.open(sealed, about=f"offer to {member_id}")
        moment, _space, secret = (opened or "").partition(" ")
        if not secret or now() > datetime.fromtimestamp(int(moment), now().tzinfo) + OFFER_LASTS:
            return None
        return secret

    def _set_factor(self, credential: Credential, secret: str, step: int) -> None:
        credential.totp_secret = self._key.seal(secret, about=sealed_for(credential.member_id))
        credential.totp_step, credential.totp_confirmed_at = step, now()

    async def _fresh_codes(self, member_id: UUID) -> list[str]:
        codes = make_recovery_codes()
        await self._repository.replace_codes(member_id, [digest for code in codes if (digest := recovery_digest(code))])
        return codes

    async def _changed(self, member_id: UUID, action: str, *, but: UUID) -> None:
        """End what was signed in before, and tell the member: should it have been somebody else, they know."""
        credential = await self._own(member_id)
        credential.changed_at = now()
        await self._session.flush()
        await Sessions(self._session).end_all(member_id, but=but)
        await record(self._session, action, ("member", member_id), by=member_id)
        await tell(self._session, "account.password_set", member_id=member_id)


def _new_password(password: str, repeated: str, *unfit: str) -> str:
    if password != repeated:
        raise NotRepeated
    return check_password(password, *unfit)
