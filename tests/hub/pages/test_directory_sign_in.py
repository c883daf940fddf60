"""Signing in with the directory of one's organisation, at a real OpenID Connect provider on loopback."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import func, select, update

from hub.auth.visiting import COOKIE
from knowledge.directories.schemas import ProviderWish
from knowledge.kit.clock import now, use_clock
from knowledge.members.invitations import InvitationService
from knowledge.models.access import HubSession
from knowledge.models.audit import AuditEntry
from knowledge.models.directory import DirectoryLink
from knowledge.models.member import Member, Role
from knowledge.models.notice import Notice
from tests.directory_server import Client, Desk, DirectoryServer, at_desk
from tests.hub.pages.directory_world import enter_directory, link, ours, set_out, sign_in, told
from tests.hub.signed_in import HOUSE, NEIGHBOUR, Hub

JOIN = "/anmelden/verzeichnis/beitreten"


@pytest.fixture
def desk() -> Iterator[Desk]:
    with at_desk() as desk:
        yield desk


@pytest.fixture(scope="module")
def client(directory_server: DirectoryServer) -> Client:
    return directory_server.register()


@pytest_asyncio.fixture
async def provider(hub: Hub, directory_server: DirectoryServer, client: Client) -> UUID:
    return await enter_directory(hub, directory_server.issuer, client)


async def link_account(hub: Hub, provider: UUID, desk: Desk, who: str, login: str) -> None:
    async with hub.browser(who) as browser:
        answer = await link(browser, provider, desk, login=login)
        assert answer.headers["location"] == "/konto", answer.headers["location"]


class TestLinked:
    async def test_a_member_links_an_account_and_signs_in_with_it(self, hub: Hub, provider: UUID, desk: Desk) -> None:
        async with hub.browser("member") as browser:
            assert "Link my account at Stadt Lindenau" in (await browser.get("/konto")).text
        await link_account(hub, provider, desk, "member", "anna")
        async with hub.browser() as browser:
            assert "Sign in with Stadt Lindenau" in (await browser.get("/anmelden")).text
            # At the directory, Anna is still signed in: nothing has to be typed.
            answer = await sign_in(browser, provider, desk, way="/konto")
            assert (answer.status_code, answer.headers["location"]) == (303, "/konto")
            page = (await browser.get("/konto")).text
            assert "Member" in page
            assert "Remove the link with Stadt Lindenau" in page
        async with hub.writing() as unit:
            actions = set(await unit.session.scalars(select(AuditEntry.action)))
            kinds = [*(await unit.session.scalars(select(Notice.kind)))]
        assert "account:link_directory" in actions
        assert kinds == ["account.directory_linked"]

    async def test_what_is_kept_tells_nobody_who_it_is(self, hub: Hub, provider: UUID, desk: Desk) -> None:
        await link_account(hub, provider, desk, "member", "anna")
        async with hub.browser() as browser:
            await sign_in(browser, provider, desk)
        async with hub.writing() as unit:
            kept = await unit.session.scalar(select(DirectoryLink))
        assert kept is not None
        assert "anna" not in kept.digest
        assert kept.last_used is not None
        assert {column.name for column in DirectoryLink.__table__.columns} == {
            *("id", "provider_id", "digest", "member_id", "linked_at", "last_used")
        }

    async def test_unlinked_it_opens_nothing_any_more(self, hub: Hub, provider: UUID, desk: Desk) -> None:
        await link_account(hub, provider, desk, "member", "anna")
        async with hub.writing() as unit:
            link_id = await unit.session.scalar(select(DirectoryLink.id))
        async with hub.browser("neighbour") as other:
            assert (await other.post(f"/konto/verzeichnis/{link_id}/loesen")).status_code == 404
        async with hub.browser("member") as browser:
            assert (await browser.post(f"/konto/verzeichnis/{link_id}/loesen")).headers["location"] == "/konto"
        async with hub.browser() as browser:
            assert (await sign_in(browser, provider, desk)).headers["location"] == JOIN
            assert COOKIE not in browser.cookies

    async def test_linking_needs_somebody_who_signed_in_just_now(self, hub: Hub, provider: UUID) -> None:
        async with hub.browser("member") as browser:
            async with hub.writing() as unit:
                await unit.session.execute(update(HubSession).values(created_at=now() - timedelta(hours=1)))
            answer = await browser.post(f"/konto/verzeichnis/{provider}")
            status, text = await told(browser, answer)
        assert (status, "within half an hour" in text) == (409, True)

    async def test_an_account_belongs_to_one_member(self, hub: Hub, provider: UUID, desk: Desk) -> None:
        await link_account(hub, provider, desk, "member", "anna")
        async with hub.browser("moderator") as browser:
            status, text = await told(browser, await link(browser, provider, desk))
        assert (status, "linked to another membership" in text) == (409, True)

    async def test_it_speaks_for_its_own_people_only(self, hub: Hub, provider: UUID, desk: Desk) -> None:
        async with hub.browser("neighbour") as browser:
            assert "Stadt Lindenau" not in (await browser.get("/konto")).text
            status, text = await told(browser, await link(browser, provider, desk, login="anna"))
        assert (status, "cannot sign in with this account" in text) == (422, True)

    async def test_who_moved_or_is_suspended_stays_outside(self, hub: Hub, provider: UUID, desk: Desk) -> None:
        await link_account(hub, provider, desk, "member", "anna")
        member, neighbour = hub.people["member"], hub.people["neighbour"]
        for change in (
            {"suspended_at": now()},
            {"suspended_at": None, "organisation_id": neighbour.organisation_id},
        ):
            async with hub.writing() as unit:
                await unit.session.execute(update(Member).where(Member.id == member.id).values(**change))
            async with hub.browser() as browser:
                status, text = await told(browser, await sign_in(browser, provider, desk))
                assert (status, "cannot sign in with this account" in text) == (422, True)
                assert COOKIE not in browser.cookies


class TestSecondFactor:
    async def moderates(self, hub: Hub, provider: UUID, who: str, amr: str) -> int:
        """Return the status of the page of contributions for somebody who signed in like that."""
        with at_desk() as desk:
            async with hub.browser() as browser:
                answer = await sign_in(browser, provider, desk, login=who, amr=amr)
                assert answer.headers["location"] == "/", answer.headers["location"]
                return (await browser.get("/pruefung")).status_code

    async def test_it_counts_where_the_administrator_relies_on_it(
        self, hub: Hub, directory_server: DirectoryServer, client: Client, desk: Desk
    ) -> None:
        relied = await enter_directory(hub, directory_server.issuer, client, ProviderWish(counts_second_factor=True))
        await link_account(hub, relied, desk, "moderator", "mo")
        assert await self.moderates(hub, relied, "mo", "pwd otp") == 200
        assert await self.moderates(hub, relied, "mo", "pwd") == 303
        assert await self.moderates(hub, relied, "mo", "hwk") == 303

    async def test_by_default_it_does_not(self, hub: Hub, provider: UUID, desk: Desk) -> None:
        await link_account(hub, provider, desk, "moderator", "mo")
        assert await self.moderates(hub, provider, "mo", "pwd otp mfa") == 303

    async def test_it_never_makes_an_administrator(
        self, hub: Hub, directory_server: DirectoryServer, client: Client, desk: Desk
    ) -> None:
        relied = await enter_directory(hub, directory_server.issuer, client, ProviderWish(counts_second_factor=True))
        await link_account(hub, relied, desk, "administrator", "chef")
        assert await self.moderates(hub, relied, "chef", "pwd otp mfa") == 303


class TestJoining:
    async def join(
        self, hub: Hub, provider: UUID, login: str, *, code: str = "", name: str | None = None
    ) -> tuple[int, str]:
        """Come by the directory for the first time; returns the status, and the page or where it leads."""
        with at_desk() as desk:
            async with hub.browser() as browser:
                assert (await sign_in(browser, provider, desk, login=login)).headers["location"] == JOIN
                form = (await browser.get(JOIN)).text
                shown = form.partition('name="name" type="text" value="')[2].partition('"')[0]
                answer = await browser.post(JOIN, data={"name": shown if name is None else name, "code": code})
                return answer.status_code, answer.headers.get("location", answer.text)

    async def people(self, hub: Hub, name: str) -> list[tuple[Role, UUID | None]]:
        async with hub.writing() as unit:
            rows = await unit.session.execute(select(Member.role, Member.organisation_id).where(Member.name == name))
            return [(row[0], row[1]) for row in rows]

    async def test_an_organisation_may_admit_its_people(
        self, hub: Hub, directory_server: DirectoryServer, client: Client
    ) -> None:
        wish = ProviderWish(admits=True, mail_domains="lindenau.example", claim="groups", claim_value="allmende")
        admitting = await enter_directory(hub, directory_server.issuer, client, wish)
        assert await self.join(hub, admitting, "anna") == (303, "/")
        # Bert's address was never checked by the directory, and he is not in the group.
        status, _page = await self.join(hub, admitting, "bert")
        assert status == 422
        assert await self.people(hub, "Anna Muster") == [(Role.MEMBER, hub.people["member"].organisation_id)]
        assert await self.people(hub, "Bert Beispiel") == []
        with at_desk() as desk:
            async with hub.browser() as browser:
                assert (await sign_in(browser, admitting, desk, login="anna")).headers["location"] == "/"
                assert "Anna Muster" in (await browser.get("/konto")).text

    async def test_without_that_they_need_a_code(self, hub: Hub, provider: UUID) -> None:
        async with hub.writing() as unit:
            invitations = InvitationService(unit.session)
            good = await invitations.invite(Role.MODERATOR, organisation_key=HOUSE, name="Anna Muster")
            other = await invitations.invite(Role.MEMBER, organisation_key=NEIGHBOUR)
        for wrong in ("", "7K3M-Q2XV-9RTD", other.code):
            status, page = await self.join(hub, provider, "anna", code=wrong)
            assert (status, "This code does not work" in page) == (422, True)
        assert await self.join(hub, provider, "anna", code=good.code) == (303, "/")
        # What a moderator gave, not the directory.
        assert [role for role, _organisation in await self.people(hub, "Anna Muster")] == [Role.MODERATOR]
        status, _page = await self.join(hub, provider, "bert", code=good.code)
        assert status == 422

    async def test_a_code_leads_to_the_membership_that_is_there(self, hub: Hub, provider: UUID) -> None:
        async with hub.writing() as unit:
            issued = await InvitationService(unit.session).invite_known(hub.people["member"].id.hex)
            before = await unit.session.scalar(select(func.count()).select_from(Member))
        assert await self.join(hub, provider, "anna", code=issued.code) == (303, "/")
        async with hub.writing() as unit:
            assert await unit.session.scalar(select(func.count()).select_from(Member)) == before
            assert await unit.session.scalar(select(DirectoryLink.member_id)) == hub.people["member"].id

    async def test_a_name_that_is_taken_makes_nobody_that_person(
        self, hub: Hub, directory_server: DirectoryServer, client: Client
    ) -> None:
        admitting = await enter_directory(hub, directory_server.issuer, client, ProviderWish(admits=True))
        status, page = await self.join(hub, admitting, "bert", name="Member")
        assert (status, 'id="name-error"' in page) == (422, True)
        assert await self.people(hub, "Bert Beispiel") == []
        assert len(await self.people(hub, "Member")) == 1


class TestOnTheWay:
    async def test_two_windows_do_not_meet(self, hub: Hub, provider: UUID, desk: Desk) -> None:
        await link_account(hub, provider, desk, "member", "anna")
        async with hub.browser() as browser:
            first = await set_out(browser, provider, way="/konto")
            second = await set_out(browser, provider, way="/suche")
            back = [ours(desk.visit(there)) for there in (first, second)]
            led = [(await browser.get(address)).headers["location"] for address in reversed(back)]
        assert led == ["/suche", "/konto"]

    async def test_the_way_back_works_once(self, hub: Hub, provider: UUID, desk: Desk) -> None:
        await link_account(hub, provider, desk, "member", "anna")
        async with hub.browser() as browser:
            there = await set_out(browser, provider)
            kept = dict(browser.cookies)
            back = ours(desk.visit(there))
            assert (await browser.get(back)).headers["location"] == "/"
            for name, value in kept.items():
                browser.cookies.set(name, value, domain="hub.test", path="/")
            status, text = await told(browser, await browser.get(back))
        assert (status, "Please begin again" in text) == (422, True)

    async def test_another_browser_cannot_use_it(self, hub: Hub, provider: UUID, desk: Desk) -> None:
        await link_account(hub, provider, desk, "member", "anna")
        async with hub.browser() as victim, hub.browser() as attacker:
            back = ours(desk.visit(await set_out(attacker, provider)))
            await set_out(victim, provider)
            status, _text = await told(victim, await victim.get(back))
            assert status == 422
            assert COOKIE not in victim.cookies

    async def test_a_code_that_was_slipped_in_is_refused(self, hub: Hub, provider: UUID, desk: Desk) -> None:
        await link_account(hub, provider, desk, "member", "anna")
        async with hub.browser() as victim, hub.browser() as attacker:
            stolen = desk.visit(await set_out(attacker, provider))
            code = stolen.partition("code=")[2].partition("&")[0]
            own = desk.visit(await set_out(victim, provider))
            mine = own.partition("code=")[2].partition("&")[0]
            status, _text = await told(victim, await victim.get(ours(own.replace(mine, code))))
            assert status == 422
            assert COOKIE not in victim.cookies

    async def test_who_stops_at_the_directory_reads_so(self, hub: Hub, provider: UUID, desk: Desk) -> None:
        async with hub.browser() as browser:
            answer = await sign_in(browser, provider, desk, denied="1")
            status, text = await told(browser, answer)
        assert (status, "Nothing has happened" in text) == (422, True)
        assert "state=" not in text

    async def test_who_takes_too_long_begins_again(self, hub: Hub, provider: UUID, desk: Desk) -> None:
        async with hub.browser() as browser:
            back = ours(desk.visit(await set_out(browser, provider), login="anna"))
            later = now() + timedelta(minutes=16)
            use_clock(lambda: later)
            status, _text = await told(browser, await browser.get(back))
        assert status == 422

    async def test_switched_off_it_leads_nowhere(
        self, hub: Hub, directory_server: DirectoryServer, client: Client
    ) -> None:
        switched_off = await enter_directory(hub, directory_server.issuer, client, on=False)
        async with hub.browser() as browser:
            assert "Stadt Lindenau" not in (await browser.get("/anmelden")).text
            status, _text = await told(browser, await browser.post(f"/anmelden/verzeichnis/{switched_off}"))
        assert status == 404

    async def test_a_wrong_secret_is_our_fault_and_said_so(
        self, hub: Hub, directory_server: DirectoryServer, client: Client, desk: Desk
    ) -> None:
        wrong = await enter_directory(hub, directory_server.issuer, Client(client.identifier, "falsch"))
        async with hub.browser() as browser:
            status, text = await told(browser, await sign_in(browser, wrong, desk, login="anna"))
        assert (status, "not set up rightly" in text) == (503, True)
        assert "falsch" not in text

    async def test_a_mail_address_finds_the_directory(self, hub: Hub, provider: UUID) -> None:
        async with hub.browser("administrator") as browser:
            await browser.post(f"/organisationen/{HOUSE}/maildomain", data={"domain": "lindenau.example"})
        async with hub.browser() as browser:
            found = await browser.post("/anmelden/verzeichnis", data={"address": "anna@lindenau.example"})
            assert "refresh" in found.headers
            for wrong in ("anna@gruenau.example", "anna", "@"):
                assert (await browser.post("/anmelden/verzeichnis", data={"address": wrong})).status_code == 422
