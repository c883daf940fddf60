"""Sessions: what a cookie is good for, and when it is not any more."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.rights import RIGHTS, Right
from knowledge.access.sessions import Lifetime, SessionNotFound, Sessions, describe_device
from knowledge.kit.clock import use_clock
from knowledge.members.schemas import MemberEntry
from knowledge.members.service import MemberService
from knowledge.models.access import ModeratorScope
from knowledge.models.member import Member, Role
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationService

START = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def at(moment: datetime) -> None:
    use_clock(lambda: moment)


async def member(session: AsyncSession, role: Role = Role.MODERATOR) -> MemberEntry:
    await OrganisationService(session).add(NewOrganisation(key="lindenau", name="Lindenau", state="12"))
    return await MemberService(session).add("Mo", "lindenau", role)


@sqlite
class TestWhoItIs:
    async def test_rights_are_the_ones_of_now(self, session: AsyncSession) -> None:
        mo, sessions = await member(session), Sessions(session)
        token = (await sessions.open(mo.id, second_factor=True)).token
        found = await sessions.find(token)
        assert found is not None
        assert found.visitor is not None
        assert found.visitor.may(Right.REVIEW_DECIDE)
        assert found.visitor.viewer.state_key == "12"
        assert found.visitor.scope.is_everything

        session.add(ModeratorScope(member_id=mo.id, topic="Straßen"))
        await session.execute(update(Member).values(releases=True))
        changed = await sessions.find(token)
        assert changed is not None
        assert changed.visitor is not None
        assert changed.visitor.scope.topics == {"strassen"}
        assert changed.visitor.may(Right.CONTRIBUTIONS_RELEASE)

        await MemberService(session).change(mo.id.hex, role=Role.MEMBER)
        demoted = await sessions.find(token)
        assert demoted is not None
        assert demoted.visitor is not None
        assert not demoted.visitor.may(Right.REVIEW_DECIDE)

    async def test_without_a_second_factor_nobody_is_more_than_a_member(self, session: AsyncSession) -> None:
        mo, sessions = await member(session, Role.ADMINISTRATOR), Sessions(session)
        opened = await sessions.open(mo.id)
        weak = await sessions.find(opened.token)
        assert weak is not None
        assert weak.visitor is not None
        assert weak.visitor.rights == RIGHTS[Role.MEMBER]

        token = await sessions.strengthen(opened.id)
        strong = await sessions.find(token)
        assert strong is not None
        assert strong.visitor is not None
        assert strong.visitor.may(Right.AUDIT_READ)
        assert await sessions.find(opened.token) is None

    @pytest.mark.parametrize("token", ["", "erfunden", "x" * 5000, "\N{PILE OF POO}"])
    async def test_an_invented_cookie_is_nobodys(self, session: AsyncSession, token: str) -> None:
        await Sessions(session).open((await member(session)).id)
        assert await Sessions(session).find(token) is None


@sqlite
class TestEnds:
    @pytest.mark.parametrize("gone", [{"active": False}, {"suspended_at": START}])
    async def test_who_may_not_come_is_out_at_once(self, session: AsyncSession, gone: dict[str, object]) -> None:
        mo, sessions = await member(session), Sessions(session)
        token = (await sessions.open(mo.id)).token
        await session.execute(update(Member).values(**gone))
        found = await sessions.find(token)
        assert found is not None
        assert (found.member_id, found.visitor) == (mo.id, None)

    async def test_it_ends_when_nobody_comes_back_and_at_last_anyway(self, session: AsyncSession) -> None:
        at(START)
        mo = await member(session)
        sessions = Sessions(session, Lifetime(timedelta(days=2), timedelta(hours=12)))
        opened = await sessions.open(mo.id)

        at(START + timedelta(hours=12))
        assert (await sessions.find(opened.token)) is not None
        assert not await _is_good(sessions, opened.token)
        for hours in range(0, 48, 6):
            at(START + timedelta(hours=hours))
            await sessions.mark_seen(opened.id)
            assert await _is_good(sessions, opened.token)
        at(START + timedelta(hours=48))
        assert not await _is_good(sessions, opened.token)
        assert await sessions.of_member(mo.id) == []

    async def test_use_is_noted_every_few_minutes_only(self, session: AsyncSession) -> None:
        at(START)
        sessions = Sessions(session)
        opened = await sessions.open((await member(session)).id)
        for minutes, stale in ((1, False), (5, False), (6, True)):
            at(START + timedelta(minutes=minutes))
            found = await sessions.find(opened.token)
            assert found is not None
            assert found.is_stale is stale

    async def test_its_owner_ends_one_or_all_others_and_nobody_elses(self, session: AsyncSession) -> None:
        mo = await member(session)
        other = await MemberService(session).add("Jo")
        sessions = Sessions(session)
        first, second, third = [await sessions.open(mo.id, device="Firefox/130 Linux") for _ in range(3)]
        foreign = await sessions.open(other.id)

        await sessions.end(mo.id, second.id)
        with pytest.raises(SessionNotFound):
            await sessions.end(mo.id, foreign.id)
        assert {entry.id for entry in await sessions.of_member(mo.id)} == {first.id, third.id}
        assert await sessions.end_all(mo.id, but=third.id) == 1
        assert await sessions.end_all(mo.id) == 1
        assert await _is_good(sessions, foreign.token)


class TestDevice:
    @pytest.mark.parametrize(
        ("agent", "words"),
        [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0", "Firefox, Linux"),
            ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge, Windows"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iOS"),
            ("curl/8.0 <script>", ""),
        ],
    )
    def test_two_words_are_kept(self, agent: str, words: str) -> None:
        assert describe_device(agent) == words


async def _is_good(sessions: Sessions, token: str) -> bool:
    found = await sessions.find(token)
    return found is not None and found.visitor is not None
