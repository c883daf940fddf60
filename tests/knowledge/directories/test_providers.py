"""Directories and links as the database keeps them, on SQLite and PostgreSQL."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.keys import AccessKey
from knowledge.access.sessions import Sessions
from knowledge.directories.errors import LinkTaken, ProviderUnfit, ProviderUnknown, SignInStale, VisitOver
from knowledge.directories.linking import FRESH_LASTS, Links
from knowledge.directories.providers import Providers
from knowledge.directories.schemas import Person, ProviderEntry, ProviderWish
from knowledge.directories.visits import use_up
from knowledge.kit.clock import now
from knowledge.members.domains import MailDomainService
from knowledge.members.schemas import MemberEntry
from knowledge.members.service import MemberService
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService

KEY = AccessKey(b"k" * 32)
WISH = ProviderWish(
    organisation="lindenau",
    name="Stadt Lindenau",
    issuer="https://login.lindenau.example",
    client_id="allmende",
    client_secret="geheim",
    acr_values="two, three",
)
ANNA = Person("anna", {})


async def add_house(session: AsyncSession, key: str = "lindenau") -> MemberEntry:
    """Add an organisation with somebody in it."""
    await OrganisationService(session).add(NewOrganisation(key=key, name=key.title()))
    return await MemberService(session).add(f"Anna {key}", key)


async def add_provider(session: AsyncSession, wish: ProviderWish = WISH) -> ProviderEntry:
    """Enter a directory and switch it on."""
    added = await Providers(session, KEY).add(wish, by=None)
    await Providers(session, KEY).switch(added.id, on=True, by=None)
    return await Providers(session, KEY).get(added.id)


class TestProviders:
    async def test_are_entered_changed_and_removed(self, session: AsyncSession) -> None:
        member = await add_house(session)
        providers = Providers(session, KEY)
        added = await providers.add(WISH, by=None)
        assert (await providers.list(), await providers.list(enabled=True)) == ([added], [])
        with pytest.raises(ProviderUnknown):
            await providers.connection(added.id)
        await providers.switch(added.id, on=True, by=None)
        connection = await providers.connection(added.id)
        assert (connection.client_secret, connection.acr_values) == ("geheim", ("two", "three"))
        await Links(session, KEY).add(added, "d" * 64, member.id)
        changed = await providers.change(added.id, replace(WISH, name="Rathaus", client_secret=""), by=None)
        assert (changed.name, changed.enabled, changed.links) == ("Rathaus", True, 1)
        await providers.remove(added.id, by=None)
        assert await providers.list() == []
        assert await Links(session, KEY).of_member(member.id) == []

    async def test_a_secret_that_was_moved_opens_nothing(self, session: AsyncSession) -> None:
        await add_house(session)
        added = await add_provider(session)
        with pytest.raises(ProviderUnfit):
            await Providers(session, AccessKey(b"o" * 32)).connection(added.id)

    async def test_are_found_by_mail_domain(self, session: AsyncSession) -> None:
        for key in ("lindenau", "gruenau"):
            await add_house(session, key)
            await MailDomainService(session).add(key, f"{key}.example")
        added = await add_provider(session)
        providers = Providers(session, KEY)
        assert await providers.for_address("anna@LINDENAU.example") == [added]
        assert await providers.for_address("anna@gruenau.example") == []


class TestLinks:
    async def test_bring_back_the_member_who_is_there(self, session: AsyncSession) -> None:
        member = await add_house(session)
        provider, links = await add_provider(session), Links(session, KEY)
        assert await links.recognise(provider, ANNA, "/") is None
        await links.add(provider, links.digest(provider.issuer, "anna"), member.id)
        known = await links.recognise(provider, ANNA, "/")
        assert known is not None
        assert (known.member_id, known.second_factor) == (member.id, False)
        [entry] = await links.of_member(member.id)
        assert entry.last_used is not None
        # Another issuer's Anna is somebody else.
        assert await links.recognise(replace(provider, issuer="https://login.elsewhere.example"), ANNA, "/") is None

    async def test_are_one_to_one(self, session: AsyncSession) -> None:
        member = await add_house(session)
        other = await MemberService(session).add("Bert", "lindenau")
        provider, links = await add_provider(session), Links(session, KEY)
        await links.add(provider, "a" * 64, member.id)
        for digest, who in (("a" * 64, other.id), ("b" * 64, member.id)):
            with pytest.raises(LinkTaken):
                await links.add(provider, digest, who)

    async def test_of_somebody_who_left_bring_nobody_back(self, session: AsyncSession) -> None:
        member = await add_house(session)
        provider, links = await add_provider(session), Links(session, KEY)
        digest = links.digest(provider.issuer, "anna")
        await links.add(provider, digest, member.id)
        await MemberService(session).leave(member.id.hex)
        assert await links.recognise(provider, ANNA, "/") is None
        again = await MemberService(session).add("Anna, wieder da", "lindenau")
        await links.add(provider, digest, again.id)
        known = await links.recognise(provider, ANNA, "/")
        assert known is not None
        assert known.member_id == again.id

    async def test_need_a_fresh_session(self, session: AsyncSession) -> None:
        member, links = await add_house(session), Links(session, KEY)
        opened, moment = await Sessions(session).open(member.id), now()
        await links.check_fresh(member.id, opened.id, moment + timedelta(minutes=1))
        for session_id, then in ((opened.id, moment + FRESH_LASTS * 2), (UUID(int=1), moment)):
            with pytest.raises(SignInStale):
                await links.check_fresh(member.id, session_id, then)

    async def test_a_visit_is_used_once(self, session: AsyncSession) -> None:
        await use_up(session, "state")
        with pytest.raises(VisitOver):
            await use_up(session, "state")
