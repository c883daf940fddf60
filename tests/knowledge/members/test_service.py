"""People, their organisations, and whom a reference means."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.chats.service import ChatService
from knowledge.kit.clock import use_clock
from knowledge.kit.errors import InvalidInput
from knowledge.kit.ids import use_ids
from knowledge.members.service import MemberAmbiguous, MemberExists, MemberNotFound, MemberService, describe_member
from knowledge.models.chat import ChatIdentity, Network
from knowledge.models.member import Member, Role
from knowledge.organisations.schemas import NewOrganisation
from knowledge.organisations.service import OrganisationNotFound, OrganisationService


@pytest.fixture
async def service(session: AsyncSession) -> MemberService:
    organisations = OrganisationService(session)
    await organisations.add(NewOrganisation(name="Lindenau"))
    await organisations.add(NewOrganisation(name="Ahornau"))
    return MemberService(session)


class TestAdd:
    async def test_keeps_name_organisation_and_role(self, service: MemberService) -> None:
        use_clock(lambda: datetime(2026, 3, 1, 12, tzinfo=UTC))

        added = await service.add("  Änne   Öz ", "lindenau", Role.MODERATOR)

        assert (added.name, added.organisation_name, added.role) == ("Änne Öz", "Lindenau", Role.MODERATOR)
        assert added.created_at == datetime(2026, 3, 1, 12, tzinfo=UTC)
        assert added.active
        assert list(await service.list()) == [added]

    async def test_takes_people_without_an_organisation(self, service: MemberService) -> None:
        added = await service.add("Ada")

        assert (added.organisation_id, added.role) == (None, Role.MEMBER)

    async def test_refuses_an_unknown_organisation(self, service: MemberService) -> None:
        with pytest.raises(OrganisationNotFound):
            await service.add("Ada", "12064340")

        assert list(await service.list()) == []

    async def test_refuses_what_is_no_name(self, service: MemberService) -> None:
        for name in ("", "  ", "\x07", "A" * 121, "A\x00B"):
            with pytest.raises(InvalidInput):
                await service.add(name)

    @pytest.mark.parametrize("organisation", ["lindenau", None])
    async def test_refuses_the_same_name_in_the_same_house(
        self, service: MemberService, organisation: str | None
    ) -> None:
        first = await service.add("Änne Öz", organisation)

        with pytest.raises(MemberExists, match=first.id.hex[:8]):
            await service.add("ÄNNE ÖZ", organisation)

    async def test_takes_the_same_name_in_another_house(self, service: MemberService) -> None:
        await service.add("Änne Öz", "lindenau")
        await service.add("Änne Öz", "ahornau")

        assert [member.organisation_key for member in await service.list()] == ["lindenau", "ahornau"]


class TestList:
    async def test_leaves_out_those_who_left(self, service: MemberService, session: AsyncSession) -> None:
        await service.add("Ada")
        session.add(Member(name="Ben", search_name="ben", role=Role.MEMBER, active=False))

        assert [member.name for member in await service.list()] == ["Ada"]
        assert [member.name for member in await service.list(inactive=True)] == ["Ada", "Ben"]


class TestGet:
    async def test_by_name(self, service: MemberService) -> None:
        added = await service.add("Änne Öz", "lindenau")

        for reference in ("Änne Öz", " änne  ÖZ ", "A\u0308nne Öz"):
            assert await service.get(reference) == added

    async def test_by_identifier_or_its_beginning(self, service: MemberService) -> None:
        added = await service.add("Ada")

        for reference in (str(added.id), added.id.hex, str(added.id).upper(), added.id.hex[:8], added.id.hex[:4]):
            assert await service.get(reference) == added

    async def test_prefers_the_name(self, service: MemberService) -> None:
        identifiers = iter([UUID("abba0000-0000-4000-8000-000000000000"), UUID(int=1)])
        use_ids(lambda: next(identifiers))
        await service.add("Ada")
        abba = await service.add("Abba")

        assert await service.get("abba") == abba

    async def test_shows_the_candidates_when_a_name_is_not_enough(self, service: MemberService) -> None:
        first = await service.add("Änne Öz", "lindenau")
        second = await service.add("Änne Öz", "ahornau")

        with pytest.raises(MemberAmbiguous, match=r"Lindenau.*Ahornau") as caught:
            await service.get("Änne Öz")

        assert caught.value.candidates == (first, second)
        assert await service.get(second.id.hex[:8]) == second

    async def test_shows_the_candidates_when_a_beginning_is_not_enough(self, service: MemberService) -> None:
        identifiers = iter([UUID("abcd0000-0000-4000-8000-000000000000"), UUID("abcdffff-ffff-4fff-bfff-ffffffffffff")])
        use_ids(lambda: next(identifiers))
        await service.add("Ada")
        await service.add("Ben")

        with pytest.raises(MemberAmbiguous) as caught:
            await service.get("abcd")

        assert len(caught.value.candidates) == 2

    async def test_finds_nobody_else(self, service: MemberService) -> None:
        identifier = UUID("0123456789abcdef0123456789abcdef")
        use_ids(lambda: identifier)
        await service.add("Ada")

        for reference in ("", "Ad", "Nobody", "012", "ffff", "%", "0" * 33, "x" * 20_000, "Ad\x00", "\udcff"):
            with pytest.raises(MemberNotFound):
                await service.get(reference)

    async def test_passes_over_those_who_left(self, service: MemberService, session: AsyncSession) -> None:
        left = Member(id=UUID(int=7), name="Ben", search_name="ben", role=Role.MEMBER, active=False)
        session.add(left)

        for reference in ("Ben", UUID(int=7).hex):
            with pytest.raises(MemberNotFound):
                await service.get(reference)


class TestChange:
    async def test_name_organisation_and_role(self, service: MemberService) -> None:
        await service.add("Änne Öz", "lindenau")

        changed = await service.change("änne öz", name=" Änne  Yilmaz", organisation_key="ahornau", role=Role.PUBLISHER)

        assert (changed.name, changed.organisation_name, changed.role) == ("Änne Yilmaz", "Ahornau", Role.PUBLISHER)
        assert list(await service.list()) == [changed]
        assert await service.change("Änne Yilmaz", role=Role.MEMBER) == replace(changed, role=Role.MEMBER)

    async def test_refuses_to_make_two_that_nobody_can_tell_apart(self, service: MemberService) -> None:
        await service.add("Ada", "lindenau")
        ben = await service.add("Ben", "lindenau")

        with pytest.raises(MemberExists):
            await service.change("Ben", name="ADA")
        assert (await service.change(ben.id.hex, name="BEN")).name == "BEN"


class TestLeave:
    async def test_takes_the_chat_accounts_along(self, service: MemberService, session: AsyncSession) -> None:
        ada = await service.add("Ada", "lindenau")
        identity = ChatIdentity(network=Network.MATRIX, address="@ada:ort", member_id=ada.id)
        session.add(identity)
        await session.flush()

        left = await service.leave("Ada")

        assert not left.active
        assert list(await service.list()) == []
        known = await ChatService(session).person(identity.id)
        assert known is not None
        assert not known.verified
        assert known.organisation_id is None


class TestDescription:
    async def test_tells_members_apart(self, service: MemberService) -> None:
        added = await service.add("Änne Öz", "lindenau")

        assert describe_member(added) == f"Änne Öz, Lindenau ({added.id.hex[:8]})"
