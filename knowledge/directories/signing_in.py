"""To a directory and back. While a directory is asked, no transaction is open."""

from dataclasses import dataclass
from uuid import UUID

from knowledge.access.keys import AccessKey
from knowledge.access.secrets import make_token
from knowledge.directories.admission import is_admitted, name_from
from knowledge.directories.client import DirectoryClient
from knowledge.directories.errors import (
    AnswerForged,
    DirectoryAway,
    DirectoryDenied,
    DirectoryMisset,
    ProviderUnknown,
    VisitOver,
)
from knowledge.directories.linking import Links, counts
from knowledge.directories.providers import Providers
from knowledge.directories.schemas import (
    Arrival,
    Connection,
    Outcome,
    Person,
    ProviderEntry,
    Visit,
    WayBack,
)
from knowledge.directories.visits import Sealing, is_state, new_visit, use_up
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.member import Role

RETURN_PATH = "/anmelden/verzeichnis/rueckkehr"
# Where directories send people back to who signed out there.
SIGNED_OUT_PATH = "/anmelden/verzeichnis/abgemeldet"
LONGEST_CODE = 4000
# Errors of the standards that may be named in the log; others are anybody's words.
NOT_NOW = frozenset({"server_error", "temporarily_unavailable"})
DENIALS = frozenset({"access_denied", "login_required", "consent_required", "interaction_required", "invalid_scope"})


@dataclass(frozen=True, slots=True)
class Begun:
    """Where the browser goes, whose directory that is, and what it keeps meanwhile, sealed."""

    address: str
    provider: ProviderEntry
    state: str
    sealed: str


@dataclass(frozen=True, slots=True)
class WayOut:
    """Whose directory somebody signs out at, and where."""

    name: str
    address: str


class DirectorySignIns:
    """Everything about the way to a directory and back; it has transactions of its own.

    Args:
        database: where directories and accounts are.
        key: of the hub.
        client: speaks with directories.
        address: by which people reach the hub; directories send them back to it, whatever a request says.
    """

    def __init__(self, database: Database, key: AccessKey, client: DirectoryClient, address: str) -> None:
        self._database = database
        self._key = key
        self._client = client
        self._sealing = Sealing(key)
        self._way_back = address + RETURN_PATH
        self._signed_out = address + SIGNED_OUT_PATH

    async def begin(
        self, provider_id: UUID, way: str, *, member_id: UUID | None = None, session_id: UUID | None = None
    ) -> Begun:
        """Set out.

        Args:
            provider_id: the directory.
            way: where to go afterwards.
            member_id: who links an account, in the session ``session_id``; without them, it is for signing in.
            session_id: see above.

        Raises ``ProviderUnknown``, ``ProviderUnfit``, ``DirectoryAway``, ``DirectoryMisset``; ``SignInStale`` and
        ``NotForYou`` where an account is to be linked.
        """
        async with unit_of_work(self._database, writes=False) as unit:
            providers = Providers(unit.session, self._key)
            provider, connection = await providers.get(provider_id), await providers.connection(provider_id)
            if member_id is not None and session_id is not None:
                await Links(unit.session, self._key).check_fresh(member_id, session_id, now())
        visit = new_visit(provider_id, way, member_id=member_id, session_id=session_id)
        address = await self._client.way_there(connection, visit, self._way_back)
        return Begun(address, provider, visit.state, self._sealing.seal(visit))

    async def come_back(self, sealed: str, back: WayBack, *, session_id: UUID | None) -> Outcome:
        """Find out who came back.

        Args:
            sealed: what the browser kept.
            back: what the directory sent along.
            session_id: in which session they are here now.

        Raises ``VisitOver``, ``ProviderUnknown``, ``ProviderUnfit``, ``DirectoryAway``, ``DirectoryMisset``,
        ``DirectoryDenied``, ``AnswerForged``, ``NotForYou``; ``LinkTaken`` and ``SignInStale`` for linking.
        """
        visit = self._visit(sealed, back, session_id)
        async with unit_of_work(self._database) as unit:
            await use_up(unit.session, visit.state)
        async with unit_of_work(self._database, writes=False) as unit:
            providers = Providers(unit.session, self._key)
            provider = await providers.get(visit.provider_id, enabled=True)
            connection = await providers.connection(visit.provider_id)
        await self._check(connection, back)
        person = await self._client.person(connection, visit, back.code, self._way_back)
        async with unit_of_work(self._database) as unit:
            links = Links(unit.session, self._key)
            if visit.member_id is not None:
                return await links.link(provider, person, visit)
            known = await links.recognise(provider, person, visit.way)
            digest = links.digest(provider.issuer, person.subject)
        return known or self._arrival(provider, await self._client.more_about(connection, person), visit, digest)

    async def way_out(self, provider_id: UUID) -> WayOut | None:
        """Return where people sign out at a directory; ``None`` where that cannot be done there, or not now."""
        try:
            async with unit_of_work(self._database, writes=False) as unit:
                provider = await Providers(unit.session, self._key).get(provider_id, enabled=True)
            address = await self._client.way_out(provider.issuer, provider.client_id, self._signed_out)
        except (ProviderUnknown, DirectoryAway, DirectoryMisset) as error:
            get_logger().info("directory_sign_out_missing", code=error.code, reason=error.detail)
            return None
        return WayOut(provider.name, address) if address else None

    def seal(self, arrival: Arrival) -> str:
        """Return what the browser keeps of somebody who is about to join."""
        return self._sealing.seal(arrival)

    def open_arrival(self, sealed: str) -> Arrival:
        """Return who is about to join. Raises ``VisitOver``."""
        return self._sealing.open_arrival(sealed)

    def _visit(self, sealed: str, back: WayBack, session_id: UUID | None) -> Visit:
        if not is_state(back.state):
            raise VisitOver("no_state")
        visit = self._sealing.open_visit(sealed, back.state)
        if visit.session_id is not None and visit.session_id != session_id:
            raise VisitOver("other_session")
        return visit

    async def _check(self, connection: Connection, back: WayBack) -> None:
        """See that it is the right directory that answers, and what (RFC 9207 against mix-ups)."""
        metadata = await self._client.metadata(connection.issuer)
        if (back.issuer or metadata.names_issuer) and back.issuer != connection.issuer:
            raise AnswerForged("other_issuer")
        if back.error in NOT_NOW:
            raise DirectoryAway(back.error)
        if back.error:
            raise DirectoryDenied(back.error if back.error in DENIALS else "other_error")
        if not 0 < len(back.code) <= LONGEST_CODE:
            raise AnswerForged("no_code")

    def _arrival(self, provider: ProviderEntry, person: Person, visit: Visit, digest: str) -> Arrival:
        return Arrival(
            key=make_token(),
            provider_id=provider.id,
            digest=digest,
            name=name_from(person.claims),
            admitted=is_admitted(provider, person.claims),
            second_factor=counts(provider, person, Role.MEMBER),
            way=visit.way,
            began_at=int(now().timestamp()),
        )
