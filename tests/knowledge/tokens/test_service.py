"""Tokens on both databases: found by what only their owner has, ended at once, and gone with their member."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from knowledge.access.rights import NotAllowed, Right, SignInNeeded, Visitor, rights_of
from knowledge.access.visibility import anybody, network_member
from knowledge.kit.clock import now, today
from knowledge.kit.database import Database
from knowledge.kit.settings import load_settings
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work
from knowledge.members.schemas import MemberEntry
from knowledge.members.service import MemberService
from knowledge.models.member import Member, Role
from knowledge.models.token import ApiRequest, ApiToken
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService
from knowledge.privacy.disclosure import DisclosureService
from knowledge.privacy.retention import run_retention
from knowledge.privacy.told.person import sections
from knowledge.tokens.requests import Requests
from knowledge.tokens.scopes import TokenScope, allows, needs_second_factor
from knowledge.tokens.service import ENDED_KEPT, MOST_OWN, TokenNotFound, TokenRefused, Tokens, TokenWish

WISH = TokenWish(name="Fachverfahren", scopes=[TokenScope.SEARCH_READ, TokenScope.CONTRIBUTIONS_WRITE])


async def somebody(unit: UnitOfWork, role: Role = Role.MEMBER) -> Visitor:
    """Bring somebody into the network."""
    organisations = OrganisationService(unit.session)
    if not await organisations.repository.by_key("lindenau"):
        await organisations.add(NewOrganisation(key="lindenau", name="Lindenau"))
    entry = await MemberService(unit.session).add("Ada" if role is Role.MEMBER else "Berta", "lindenau", role)
    return visitor_of(entry)


def visitor_of(entry: MemberEntry, *, second_factor: bool = True) -> Visitor:
    """Return a member as they are in a session."""
    rights = rights_of(entry.role, releases=False, second_factor=second_factor)
    return Visitor(rights, network_member(entry.organisation_id), entry, second_factor=second_factor)


class TestTokens:
    async def test_acts_as_its_member(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            ada = await somebody(unit, Role.MODERATOR)
            issued = await Tokens(unit.session).make_own(WISH, by=ada)
        async with unit_of_work(database, writes=False) as unit:
            found = await Tokens(unit.session).find(issued.secret)
            nobody = await Tokens(unit.session).find(issued.secret[:-1] + "!")

        assert nobody is None
        assert found is not None
        assert (found.visitor.member_id, found.visitor.viewer) == (ada.member_id, ada.viewer)
        assert found.visitor.may(Right.REVIEW_DECIDE)
        assert found.entry.scopes == frozenset(WISH.scopes)

    async def test_of_a_service_finds_what_its_organisation_finds(self, database: Database) -> None:
        wish = TokenWish(name="Intranet", scopes=[TokenScope.SEARCH_READ], organisation="lindenau")
        async with unit_of_work(database) as unit:
            ada = await somebody(unit)
            house = await Tokens(unit.session).make_for_service(wish, by=None)
            public = await Tokens(unit.session).make_for_service(
                TokenWish(name="Portal", scopes=[TokenScope.SEARCH_READ]), by=None
            )
            found = [await Tokens(unit.session).find(one.secret) for one in (house, public)]

        assert [one.visitor.viewer for one in found if one] == [ada.viewer, anybody()]
        assert [one.visitor.member for one in found if one] == [None, None]

    async def test_is_noted_to_the_day_and_listed(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            ada = await somebody(unit)
            tokens = Tokens(unit.session)
            issued = await tokens.make_own(WISH, by=ada)
            await tokens.mark_used(issued.entry)
            assert ada.member_id is not None
            (listed,) = await tokens.own(ada.member_id)
            assert await tokens.of_services() == []

        assert (listed.name, listed.used_on, listed.member_name) == ("Fachverfahren", today(), "Ada")

    async def test_all_end_with_their_member(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            ada = await somebody(unit)
            tokens = Tokens(unit.session)
            issued = [await tokens.make_own(WISH, by=ada) for _turn in range(2)]
            assert ada.member_id is not None
            assert await tokens.end_all(ada.member_id) == 2
            assert [await tokens.find(one.secret) for one in issued] == [None, None]
            with pytest.raises(TokenNotFound):
                await tokens.revoke_own(issued[0].entry.id, by=ada)

    async def test_are_gone_with_their_member(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            ada = await somebody(unit)
            issued = await Tokens(unit.session).make_own(WISH, by=ada)
            await Requests(unit.session).take("k", issued.entry.id, "r")
        async with unit_of_work(database) as unit:
            await unit.session.delete(await unit.session.get_one(Member, ada.member_id))
        async with unit_of_work(database, writes=False) as unit:
            left = [(await unit.session.scalars(select(table))).all() for table in (ApiToken, ApiRequest)]

        assert left == [[], []]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestWishes:
    async def test_that_nobody_gets(self, database: Database) -> None:
        wishes = [
            TokenWish(name=" ", scopes=WISH.scopes),
            TokenWish(name="x" * 101, scopes=WISH.scopes),
            TokenWish(name="a", scopes=[]),
            TokenWish(name="a", scopes=WISH.scopes, days=366),
            TokenWish(name="a", scopes=WISH.scopes, days=0),
        ]
        async with unit_of_work(database) as unit:
            ada = await somebody(unit)
            for wish in wishes:
                with pytest.raises(TokenRefused):
                    await Tokens(unit.session).make_own(wish, by=ada)
            with pytest.raises(TokenRefused):
                await Tokens(unit.session).make_for_service(WISH, by=None)

    async def test_there_are_only_so_many(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            ada = await somebody(unit)
            for _turn in range(MOST_OWN):
                await Tokens(unit.session).make_own(WISH, by=ada)
            with pytest.raises(TokenRefused):
                await Tokens(unit.session).make_own(WISH, by=ada)
            # What is over does not count.
            await unit.session.execute(update(ApiToken).values(expires_at=now() - timedelta(seconds=1)))
            await Tokens(unit.session).make_own(WISH, by=ada)

    async def test_beyond_a_members_rights_need_them_and_a_second_factor(self, database: Database) -> None:
        wish = TokenWish(name="a", scopes=[TokenScope.REVIEW_READ])
        async with unit_of_work(database) as unit:
            member, moderator = await somebody(unit), await somebody(unit, Role.MODERATOR)
            with pytest.raises(NotAllowed):
                await Tokens(unit.session).make_own(wish, by=member)
            with pytest.raises(SignInNeeded):
                await Tokens(unit.session).make_own(wish, by=visitor_of(moderator.known, second_factor=False))
            with pytest.raises(NotAllowed):
                await Tokens(unit.session).make_for_service(wish, by=moderator)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestPrivacy:
    async def test_their_owner_is_told_of_them_without_the_secret(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            ada = await somebody(unit)
            issued = await Tokens(unit.session).make_own(WISH, by=ada)
            assert ada.member_id is not None
            data = await DisclosureService(unit.session).of_member(ada.member_id)

        (told,) = data.tokens
        assert (told.name, told.scopes) == ("Fachverfahren", ("contributions:write", "search:read"))
        assert "Fachverfahren" in str(sections(data))
        assert issued.secret not in repr(data)

    async def test_what_is_over_is_forgotten_after_a_month(self, database: Database) -> None:
        load_settings().data_folder.mkdir(parents=True, exist_ok=True)
        async with unit_of_work(database) as unit:
            ada = await somebody(unit)
            ended, lapsed, kept = [await Tokens(unit.session).make_own(WISH, by=ada) for _turn in range(3)]
            for issued, column in ((ended, "revoked_at"), (lapsed, "expires_at")):
                over = update(ApiToken).where(ApiToken.id == issued.entry.id)
                await unit.session.execute(over.values({column: now() - ENDED_KEPT}))
        gone = await run_retention(database, load_settings())
        async with unit_of_work(database, writes=False) as unit:
            left = (await unit.session.scalars(select(ApiToken.id))).all()

        assert (gone["revoked_tokens"], gone["expired_tokens"]) == (1, 1)
        assert left == [kept.entry.id]


class TestScopes:
    def test_writing_includes_reading_of_the_same(self) -> None:
        held = frozenset({TokenScope.QUESTIONS_WRITE})
        assert allows(held, TokenScope.QUESTIONS_READ)
        assert not allows(held, TokenScope.PEERS_READ)
        assert not allows(frozenset({TokenScope.QUESTIONS_READ}), TokenScope.QUESTIONS_WRITE)

    def test_every_scope_is_named_by_area_and_act(self) -> None:
        assert {scope.value.partition(":")[2] for scope in TokenScope} == {"read", "write"}
        assert not needs_second_factor(frozenset({TokenScope.CONTRIBUTIONS_WRITE}))
        assert needs_second_factor(frozenset({TokenScope.MEMBERS_READ}))


@pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
class TestRequests:
    async def test_a_key_is_used_once(self, database: Database) -> None:
        async with unit_of_work(database) as unit:
            issued = await Tokens(unit.session).make_own(WISH, by=await somebody(unit))
            requests = Requests(unit.session)
            assert await requests.take("key", issued.entry.id, "sent") is None
            await requests.keep("key", 201, headers={"location": "/x"}, body={"id": 1})
        async with unit_of_work(database) as unit:
            before = await Requests(unit.session).take("key", issued.entry.id, "sent")

        assert before is not None
        assert (before.request, before.status, before.body) == ("sent", 201, {"id": 1})
