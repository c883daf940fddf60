"""Signing in with a password and a second factor, so that nobody learns from it who has an account.

One answer stands for everything that is wrong, and it takes equally long. A try is counted, and committed, before
anything is looked at; so these services have transactions of their own, and none while the password is hashed.
"""

from dataclasses import dataclass
from uuid import UUID

from knowledge.access.keys import AccessKey
from knowledge.access.passwords import Passwords
from knowledge.access.repository import CredentialRepository
from knowledge.access.schemas import OpenedSession
from knowledge.access.second_factor import make_secret, matching_step, recovery_digest
from knowledge.access.sessions import Lifetime, Sessions
from knowledge.access.throttle import Throttle
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.errors import InvalidInput
from knowledge.kit.ids import new_id
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.members.names import fold_person
from knowledge.models.access import Credential


class SignInRefused(InvalidInput):
    """Name, password or code are wrong: which of them is not said."""

    code = "access.sign_in_refused"

    def __init__(self) -> None:
        super().__init__(_("Name, password and code do not belong together. Please check all three."))


@dataclass(frozen=True, slots=True)
class Claim:
    """What somebody says to be: ``code`` is the app's, or a recovery code; ``address`` is where they call from."""

    login: str
    password: str
    code: str
    address: str


class SignIns:
    """Everything about signing in with a password.

    Args:
        database: where tries are counted, and sessions begin.
        passwords: checks them.
        key: opens the secrets of second factors.
        lifetime: how long sessions last.
    """

    def __init__(self, database: Database, passwords: Passwords, key: AccessKey, lifetime: Lifetime) -> None:
        self._database = database
        self._passwords = passwords
        self._key = key
        self._lifetime = lifetime

    async def sign_in(self, claim: Claim, *, device: str) -> OpenedSession:
        """Begin a session with a second factor. Raises ``SignInRefused``, ``TooManyAttempts``."""
        credential, is_right = await self._look_at(claim)
        async with unit_of_work(self._database) as unit:
            await self._spend_code(unit, credential, claim, is_right=is_right)
            sessions = Sessions(unit.session, self._lifetime)
            opened = await sessions.open(credential.member_id, device=device, second_factor=True)
        await self._keep_up(credential, claim.password)
        return opened

    async def confirm(self, member_id: UUID, session_id: UUID, claim: Claim) -> str:
        """Note that a second factor was given in a session; returns its new secret.

        Raises ``SignInRefused``, ``TooManyAttempts``.
        """
        credential, is_right = await self._look_at(claim)
        is_own = credential.member_id == member_id
        async with unit_of_work(self._database) as unit:
            await self._spend_code(unit, credential, claim, is_right=is_right and is_own)
            return await Sessions(unit.session, self._lifetime).strengthen(session_id)

    async def _look_at(self, claim: Claim) -> tuple[Credential, bool]:
        """Return whose name it is, or somebody made up, and whether the password is right."""
        login = fold_login(claim.login)
        async with unit_of_work(self._database) as unit:
            await Throttle(unit.session, self._key).take(address=claim.address, name=login)
        async with unit_of_work(self._database, writes=False) as unit:
            found = await CredentialRepository(unit.session).by_login(login)
        credential = found if found is not None and found.totp_confirmed_at else self._nobody(login)
        kept = credential.password_hash or None
        return credential, await self._passwords.matches(claim.password, kept)

    def _nobody(self, login: str) -> Credential:
        member_id = new_id()
        secret = self._key.seal(make_secret(), about=sealed_for(member_id))
        return Credential(member_id=member_id, login=login, password_hash="", totp_secret=secret)

    async def _spend_code(self, unit: UnitOfWork, credential: Credential, claim: Claim, *, is_right: bool) -> None:
        """Raise ``SignInRefused``, which also gives the code back, unless everything is right."""
        is_good = await spend_code(CredentialRepository(unit.session), self._key, credential, claim.code)
        if not (is_right and is_good):
            get_logger().info("sign_in_refused")
            raise SignInRefused
        await Throttle(unit.session, self._key).succeeded(address=claim.address, name=credential.login)

    async def _keep_up(self, credential: Credential, password: str) -> None:
        """Hash a password anew where that is done better by now."""
        old = credential.password_hash
        if self._passwords.is_dated(old):
            fresh = await self._passwords.hash(password)
            async with unit_of_work(self._database) as unit:
                await CredentialRepository(unit.session).rehash(credential.member_id, fresh, old=old)


async def spend_code(repository: CredentialRepository, key: AccessKey, credential: Credential, code: str) -> bool:
    """Use up the code of an app, or a recovery code; returns whether it was good."""
    secret = key.open(credential.totp_secret or "", about=sealed_for(credential.member_id))
    if secret is None:
        get_logger().warning("second_factor_unreadable", member=str(credential.member_id))
        secret = make_secret()
    step = matching_step(secret, code, now())
    if step is not None:
        return await repository.spend_step(credential.member_id, step)
    digest = recovery_digest(code)
    return digest is not None and await repository.spend_code(credential.member_id, digest, now())


def sealed_for(member_id: UUID) -> str:
    """Return what a second factor's secret is sealed for: in another member's row it opens nothing."""
    return f"second factor of {member_id}"


def fold_login(login: str) -> str:
    """Return a sign-in name for comparing."""
    return fold_person(login[:1000])
