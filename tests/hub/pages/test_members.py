"""Members in the hub: who sees whom, who changes what, and what nobody can do."""

import re
from uuid import UUID

import pytest
from sqlalchemy import func, select

from knowledge.members.directory.service import MemberDirectory
from knowledge.models.access import ModeratorScope
from knowledge.models.audit import AuditEntry
from knowledge.models.invitation import Invitation
from knowledge.models.member import Member, Role
from tests.hub.signed_in import HOUSE, NEIGHBOUR, Hub

CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")


async def revision(hub: Hub, member_id: UUID) -> str:
    async with hub.writing() as unit:
        return (await MemberDirectory(unit.session).details(member_id)).revision


async def stored(hub: Hub, member_id: UUID) -> Member:
    async with hub.writing() as unit:
        member = await unit.session.get(Member, member_id)
    assert member is not None
    return member


async def acts(hub: Hub, action: str) -> list[AuditEntry]:
    async with hub.writing() as unit:
        return list(await unit.session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


async def form(hub: Hub, who: str, **values: str) -> dict[str, str]:
    """Return the form of a member as it was shown, with some values changed."""
    member = hub.people[who]
    shown = {"name": member.name, "organisation": member.organisation_key or "", "role": member.role.value}
    return {**shown, "revision": await revision(hub, member.id), **values}


def at(hub: Hub, who: str, rest: str = "") -> str:
    return f"/mitglieder/{hub.people[who].id}{rest}"


class TestList:
    async def test_administrators_see_everybody_and_no_statistics(self, hub: Hub) -> None:
        async with hub.browser("administrator") as browser:
            page = await browser.get("/mitglieder")
        assert page.status_code == 200
        assert [name for name in ("Neighbour", "Publisher", "Suspended") if name not in page.text] == []
        assert not {"last seen", "Last seen", "contributions:"} & set(page.text.splitlines())

    async def test_it_is_searched_and_filtered(self, hub: Hub) -> None:
        async with hub.browser("administrator") as browser:
            named = await browser.get("/mitglieder", params={"name": "PUBL"})
            of_house = await browser.get("/mitglieder", params={"organisation": NEIGHBOUR})
            suspended = await browser.get("/mitglieder", params={"stand": "suspended"})
            moderators = await browser.get("/mitglieder", params={"rolle": "moderator", "seite": "99"})
            nobody = await browser.get("/mitglieder", params={"name": "%", "rolle": "emperor", "seite": "-1"})
        assert rows(named) == ["Publisher"]
        assert rows(of_house) == ["Neighbour"]
        assert rows(suspended) == ["Suspended"]
        assert rows(moderators) == ["Moderator", "Scoped_Moderator", "Suspended", "Weak_Moderator"]
        assert rows(nobody) == []

    async def test_a_moderator_sees_the_members_that_they_look_after(self, hub: Hub) -> None:
        async with hub.browser("scoped_moderator") as browser:
            listed = await browser.get("/mitglieder")
            theirs = await browser.get(at(hub, "neighbour"))
            other = await browser.get(at(hub, "member"))
        assert rows(listed) == ["Neighbour"]
        assert (theirs.status_code, other.status_code) == (200, 404)
        assert '<form method="post"' not in theirs.text

    async def test_names_are_shown_as_text(self, hub: Hub) -> None:
        async with hub.writing() as unit:
            member = await unit.session.get(Member, hub.people["member"].id)
            assert member is not None
            member.name = "<script>alert(1)</script>"
        async with hub.browser("administrator") as browser:
            listed, shown = await browser.get("/mitglieder"), await browser.get(at(hub, "member"))
        assert "&lt;script&gt;alert" in listed.text
        assert "<script>alert" not in listed.text + shown.text


def rows(page: object) -> list[str]:
    return re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', getattr(page, "text", ""))


class TestInviting:
    async def test_the_code_is_shown_once_with_words_to_pass_on(self, hub: Hub) -> None:
        async with hub.browser("moderator") as browser:
            page = await browser.post("/mitglieder/einladen", data={"organisation": NEIGHBOUR, "days": "7"})
        found = CODE.search(page.text)
        assert found is not None
        assert f"/beitreten {found[0]}" in page.text
        async with hub.writing() as unit:
            kept = (await unit.session.scalars(select(Invitation))).one()
        assert (kept.role, found[0] in kept.digest) == (Role.MEMBER, False)
        [act] = await acts(hub, "members:invite")
        assert (act.actor_id, act.object_id) == (hub.people["moderator"].id, str(kept.id))

    @pytest.mark.parametrize(
        ("who", "role", "house", "status"),
        [
            ("moderator", "moderator", HOUSE, 403),
            ("scoped_moderator", "member", HOUSE, 403),
            ("scoped_moderator", "member", "", 403),
            ("scoped_moderator", "member", NEIGHBOUR, 200),
            ("administrator", "administrator", "", 200),
            ("administrator", "member", "nowhere", 422),
        ],
    )
    async def test_moderators_invite_members_whom_they_look_after(
        self, who: str, role: str, house: str, status: int, hub: Hub
    ) -> None:
        async with hub.browser(who) as browser:
            page = await browser.post("/mitglieder/einladen", data={"organisation": house, "role": role, "days": "7"})
        assert page.status_code == status
        async with hub.writing() as unit:
            assert await unit.session.scalar(select(func.count(Invitation.id))) == (1 if status == 200 else 0)

    async def test_what_was_typed_stays_where_something_is_wrong(self, hub: Hub) -> None:
        async with hub.browser("administrator") as browser:
            page = await browser.post("/mitglieder/einladen", data={"name": "Ada Ohneamt", "days": "0"})
        assert (page.status_code, "Ada Ohneamt" in page.text) == (422, True)


class TestChanging:
    async def test_role_scope_and_releases(self, hub: Hub) -> None:
        values = await form(
            hub,
            "member",
            role="moderator",
            releases="1",
            organisations=f"{HOUSE}, {NEIGHBOUR}",
            topics="Straßen, Bäume",
        )
        async with hub.browser("administrator") as browser:
            answer = await browser.post(at(hub, "member"), data=values)
            page = await browser.get(at(hub, "member"))
        assert answer.status_code == 303
        assert "Straßen" in page.text
        member = await stored(hub, hub.people["member"].id)
        assert (member.role, member.releases) == (Role.MODERATOR, True)
        assert [act.details["role"] for act in await acts(hub, "members:change")] == ["moderator"]

    async def test_scopes_are_for_moderators(self, hub: Hub) -> None:
        values = await form(hub, "scoped_moderator", role="publisher", topics="Straßen")
        async with hub.browser("administrator") as browser:
            assert (await browser.post(at(hub, "scoped_moderator"), data=values)).status_code == 303
        async with hub.writing() as unit:
            assert await unit.session.scalar(select(func.count(ModeratorScope.id))) == 0

    async def test_a_form_that_grew_stale_keeps_what_was_typed(self, hub: Hub) -> None:
        first, second = await form(hub, "member", name="Anna Alt"), await form(hub, "member", name="Anna Neu")
        async with hub.browser("administrator") as browser:
            assert (await browser.post(at(hub, "member"), data=first)).status_code == 303
            stale = await browser.post(at(hub, "member"), data=second)
        assert stale.status_code == 409
        assert 'value="Anna Neu"' in stale.text
        assert (await stored(hub, hub.people["member"].id)).name == "Anna Alt"

    async def test_what_is_wrong_changes_nothing(self, hub: Hub) -> None:
        values = await form(hub, "member", name=" ", organisation="")
        async with hub.browser("administrator") as browser:
            assert (await browser.post(at(hub, "member"), data=values)).status_code == 422
        member = await stored(hub, hub.people["member"].id)
        assert (member.name, member.organisation_id) == ("Member", hub.people["member"].organisation_id)

    @pytest.mark.parametrize("who", ["member", "moderator", "publisher", "weak_moderator", None])
    async def test_nobody_else_changes_members(self, who: str | None, hub: Hub) -> None:
        values = await form(hub, "member", role="administrator")
        async with hub.browser(who) as browser:
            for rest in ("", "/sperren", "/entsperren", "/austritt", "/kontocode", "/zugang"):
                answer = await browser.post(at(hub, "member", rest), data=values)
                assert answer.status_code in {303, 401, 403}, rest
                assert "/mitglieder" not in answer.headers.get("location", "").partition("?")[0]
        member = await stored(hub, hub.people["member"].id)
        assert (member.role, member.suspended_at, member.active) == (Role.MEMBER, None, True)


class TestSuspending:
    async def test_it_ends_sessions_until_it_is_lifted(self, hub: Hub) -> None:
        async with hub.browser("moderator") as theirs, hub.browser("administrator") as browser:
            assert (await theirs.get("/mitglieder")).status_code == 200
            assert (await browser.post(at(hub, "moderator", "/sperren"))).status_code == 303
            assert (await theirs.get("/mitglieder")).status_code != 200
            assert (await browser.post(at(hub, "moderator", "/entsperren"))).status_code == 303
            # Signing in works again; the old session does not.
            assert (await theirs.get("/mitglieder")).status_code != 200
        async with hub.browser("moderator") as theirs:
            assert (await theirs.get("/mitglieder")).status_code == 200
        assert [len(await acts(hub, f"members:{act}")) for act in ("suspend", "lift")] == [1, 1]

    async def test_who_has_left_is_signed_out_and_stays_so(self, hub: Hub) -> None:
        async with hub.browser("moderator") as theirs, hub.browser("administrator") as browser:
            assert (await browser.post(at(hub, "moderator", "/austritt"))).status_code == 422
            assert (await theirs.get("/mitglieder")).status_code == 200
            assert (await browser.post(at(hub, "moderator", "/austritt"), data={"sure": "1"})).status_code == 303
            assert (await theirs.get("/mitglieder")).status_code != 200
            again = await browser.post(at(hub, "moderator", "/zugang"))
            gone = await browser.get("/mitglieder", params={"stand": "left"})
        assert again.status_code == 409
        assert rows(gone) == ["Moderator"]


class TestLastAdministrator:
    @pytest.mark.parametrize("rest", ["", "/sperren", "/austritt", "/zugang", "/kontocode"])
    async def test_nobody_does_it_to_themselves(self, rest: str, hub: Hub) -> None:
        values = await form(hub, "administrator", role="member", sure="1")
        async with hub.browser("administrator") as browser:
            answer = await browser.post(at(hub, "administrator", rest), data=values)
        assert answer.status_code == 409
        member = await stored(hub, hub.people["administrator"].id)
        assert (member.role, member.active, member.suspended_at) == (Role.ADMINISTRATOR, True, None)

    async def test_the_last_one_stays(self, hub: Hub) -> None:
        """Two administrators, of whom each takes the other's role at the same time: one of them remains."""
        async with hub.writing() as unit:
            second = await unit.session.get(Member, hub.people["publisher"].id)
            assert second is not None
            second.role = Role.ADMINISTRATOR
        first_form = await form(hub, "administrator", role="member")
        second_form = await form(hub, "publisher", role="member")
        async with hub.browser("administrator") as first, hub.browser("publisher") as other:
            assert (await first.post(at(hub, "publisher"), data=second_form)).status_code == 303
            assert (await other.post(at(hub, "administrator"), data=first_form)).status_code != 303
        assert (await stored(hub, hub.people["administrator"].id)).role is Role.ADMINISTRATOR


class TestGettingIn:
    async def test_a_link_for_somebody_who_lost_the_second_factor(self, hub: Hub) -> None:
        async with hub.browser("administrator") as browser:
            page = await browser.post(at(hub, "moderator", "/zugang"))
        assert re.search(r"http://127\.0\.0\.1:\d+/anmelden/link/[\w-]{40,}", page.text) is not None
        assert "no-store" in page.headers["cache-control"]
        assert len(await acts(hub, "members:recover")) == 1

    async def test_a_code_for_another_chat_account(self, hub: Hub) -> None:
        async with hub.browser("administrator") as browser:
            page = await browser.post(at(hub, "member", "/kontocode"))
        assert CODE.search(page.text) is not None
        assert len(await acts(hub, "members:link")) == 1
