"""Tests of a contribution's way from the first word to the moderators, and back."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from knowledge.contributions.errors import (
    CirclesNeeded,
    FieldInvalid,
    FieldsMissing,
    HouseNotAnonymous,
    TooMany,
    UnknownContribution,
    WrongState,
)
from knowledge.contributions.limits import MOST_BY_PERSON, MOST_DRAFTS
from knowledge.contributions.schemas import Author, Wishes
from knowledge.contributions.service import ContributionService
from knowledge.kit.clock import now, use_clock
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.contribution import Attribution, Contribution, ContributionKind, ContributionState
from knowledge.models.document import Visibility
from tests.knowledge.contributions.world import (
    FIELDS,
    House,
    add_circle,
    add_house,
    add_member,
    ask_back,
    entry_of,
    notices,
    publish_it,
    send,
)

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest_asyncio.fixture
async def house(database: Database) -> House:
    async with unit_of_work(database) as unit:
        return await add_house(unit.session)


@pytest_asyncio.fixture
async def service(database: Database) -> AsyncIterator[ContributionService]:
    async with unit_of_work(database) as unit:
        yield ContributionService(unit)


@only_sqlite
class TestDrafts:
    async def test_a_draft_grows_field_by_field(self, service: ContributionService, house: House) -> None:
        draft = await service.start(house.author, fields={"title": "  Bote\u00a0im\nNetz "})
        await service.change(draft.id, house.author, fields={"done": "Eins\x00\r\nzwei", "again": "with_changes"})
        grown = await service.change(draft.id, house.author, fields={"topics": "KI; Website, ki"})

        assert grown.fields == {
            "title": "Bote im Netz",
            "done": "Eins\nzwei",
            "again": "with_changes",
            "topics": ["KI", "Website"],
        }
        assert grown.state is ContributionState.DRAFT
        assert grown.revision > draft.revision

    async def test_an_empty_value_takes_a_field_away(self, service: ContributionService, house: House) -> None:
        draft = await service.start(house.author, fields=FIELDS)

        assert "costs" not in (await service.change(draft.id, house.author, fields={"costs": " "})).fields

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("title", "x" * 201),
            ("status", "vielleicht"),
            ("topics", [str(number) for number in range(11)]),
            ("topics", ["x" * 61]),
            ("done", 7),
            ("unknown", "x"),
        ],
    )
    async def test_what_a_field_cannot_hold_is_refused_by_name(
        self, service: ContributionService, house: House, name: str, value: Any
    ) -> None:
        draft = await service.start(house.author)

        with pytest.raises(FieldInvalid) as refused:
            await service.change(draft.id, house.author, fields={name: value})
        assert refused.value.field == name

    async def test_nobody_else_sees_or_changes_it(self, service: ContributionService, house: House) -> None:
        draft = await service.start(house.author, fields=FIELDS)
        colleague = await add_member(service.repository.session, "Kollegin", house.id)
        stranger = Author(colleague.id, house.id)

        with pytest.raises(UnknownContribution):
            await service.get(draft.id, member_id=colleague.id)
        with pytest.raises(UnknownContribution):
            await service.change(draft.id, stranger, fields={"title": "Meins"})
        with pytest.raises(UnknownContribution):
            await service.withdraw(draft.id, stranger)
        assert await service.of_author(colleague.id) == []

    async def test_there_is_an_end_to_drafts(self, service: ContributionService, house: House) -> None:
        drafts = [
            Contribution(kind=ContributionKind.EXPERIENCE, member_id=house.member.id, fields={})
            for _ in range(MOST_DRAFTS)
        ]
        service.repository.session.add_all(drafts)

        with pytest.raises(TooMany):
            await service.start(house.author)


class TestSending:
    async def test_it_waits_for_the_moderators(self, database: Database, house: House) -> None:
        sent = await send(database, house.author)

        assert sent.state is ContributionState.WAITING
        assert sent.waiting_since is not None
        async with unit_of_work(database) as unit:
            again = await ContributionService(unit).submit(sent.id, house.author)
        assert again == sent

    @only_sqlite
    async def test_what_is_needed_must_be_there(self, service: ContributionService, house: House) -> None:
        draft = await service.start(house.author, fields={"title": "Nur ein Titel"})

        with pytest.raises(FieldsMissing) as missing:
            await service.submit(draft.id, house.author)
        assert missing.value.fields == ("done", "outcome")

    @only_sqlite
    async def test_what_was_sent_is_changed_as_a_draft_only(self, service: ContributionService, house: House) -> None:
        draft = await service.start(house.author, fields=FIELDS)
        await service.submit(draft.id, house.author)
        with pytest.raises(WrongState):
            await service.change(draft.id, house.author, fields={"title": "Anders"})

        await service.reopen(draft.id, house.author)
        await service.change(draft.id, house.author, fields={"title": "Anders"})
        sent = await service.submit(draft.id, house.author)
        assert (sent.title, sent.state) == ("Anders", ContributionState.WAITING)

    @only_sqlite
    async def test_a_flood_is_refused_until_the_day_is_over(self, database: Database, house: House) -> None:
        for number in range(MOST_BY_PERSON):
            await send(database, house.author, title=f"Nummer {number}")
        with pytest.raises(TooMany):
            await send(database, house.author)

        tomorrow = now() + timedelta(days=1, minutes=1)
        use_clock(lambda: tomorrow)
        assert (await send(database, house.author)).state is ContributionState.WAITING


@only_sqlite
class TestWishes:
    async def test_a_house_cannot_be_anonymous_to_itself(self, service: ContributionService, house: House) -> None:
        draft = await service.start(house.author, fields=FIELDS)

        with pytest.raises(HouseNotAnonymous):
            await service.change(
                draft.id, house.author, wishes=Wishes(Visibility.HOUSE, attribution=Attribution.ANONYMOUS)
            )

    async def test_circles_must_be_named_and_exist(self, service: ContributionService, house: House) -> None:
        circle = await add_circle(service.repository.session, "Klima")
        draft = await service.start(house.author, fields=FIELDS)
        await service.change(draft.id, house.author, wishes=Wishes(Visibility.CIRCLE))
        with pytest.raises(CirclesNeeded):
            await service.submit(draft.id, house.author)
        with pytest.raises(CirclesNeeded):
            await service.change(draft.id, house.author, wishes=Wishes(circles=(new_id(),)))

        changed = await service.change(draft.id, house.author, wishes=Wishes(circles=(circle, circle)))
        assert changed.circles == (circle,)
        assert (await service.submit(draft.id, house.author)).state is ContributionState.WAITING


class TestBeingAsked:
    async def test_the_answer_comes_back_to_whoever_asked(self, database: Database, house: House) -> None:
        sent = await send(database, house.author)
        async with unit_of_work(database) as unit:
            moderator = await add_member(unit.session, "Moderatorin", None)
        await ask_back(database, sent.id, moderator.id)

        async with unit_of_work(database) as unit:
            answered = await ContributionService(unit).answer(sent.id, house.author, "12.000 Euro\x00")

        assert answered.state is ContributionState.WAITING
        said = [(message.from_author, message.text) for message in answered.messages]
        assert said == [(False, "Was hat es gekostet?"), (True, "12.000 Euro")]
        assert await notices(database) == [("review.answered", moderator.id)]

    @only_sqlite
    async def test_nothing_is_answered_that_nobody_asked(self, database: Database, house: House) -> None:
        sent = await send(database, house.author)

        async with unit_of_work(database) as unit:
            with pytest.raises(WrongState):
                await ContributionService(unit).answer(sent.id, house.author, "Nur so.")

    @only_sqlite
    async def test_the_text_may_be_made_better_meanwhile(self, database: Database, house: House) -> None:
        sent = await send(database, house.author)
        await ask_back(database, sent.id, house.member.id)

        async with unit_of_work(database) as unit:
            service = ContributionService(unit)
            await service.change(sent.id, house.author, fields={"costs": "12.000 Euro"})
            sent = await service.submit(sent.id, house.author)
        assert (sent.state, sent.fields["costs"]) == (ContributionState.WAITING, "12.000 Euro")

    async def test_an_answer_and_a_withdrawal_at_once_leave_one_of_them(self, database: Database, house: House) -> None:
        sent = await send(database, house.author)
        await ask_back(database, sent.id, house.member.id)

        async def answer() -> None:
            async with unit_of_work(database) as unit:
                await ContributionService(unit).answer(sent.id, house.author, "12.000 Euro")

        async def withdraw() -> None:
            async with unit_of_work(database) as unit:
                await ContributionService(unit).withdraw(sent.id, house.author)

        outcomes = await asyncio.gather(answer(), withdraw(), return_exceptions=True)
        assert outcomes[1] is None
        assert outcomes[0] is None or isinstance(outcomes[0], UnknownContribution)
        with pytest.raises(UnknownContribution):
            await entry_of(database, sent.id)


@only_sqlite
class TestDeciding:
    async def test_what_is_decided_is_not_sent_again(self, database: Database, house: House) -> None:
        sent = await send(database, house.author)
        await publish_it(database, sent.id)

        async with unit_of_work(database) as unit:
            service = ContributionService(unit)
            for refused in (service.submit, service.reopen, service.change):
                with pytest.raises(WrongState):
                    await refused(sent.id, house.author)
