"""Deciding on contributions: what becomes of them, who is told, and that two moderators never overwrite each other."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from knowledge.contributions.errors import FieldInvalid
from knowledge.contributions.schemas import Wishes
from knowledge.contributions.service import ContributionService
from knowledge.kit.clock import HOME, now, today, use_clock
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.contribution import ContributionState
from knowledge.models.document import Visibility
from knowledge.models.member import Member
from knowledge.review.errors import DayNeeded, OwnContribution, StaleForm, TextNeeded, UnknownContribution
from knowledge.review.findings import find_in_fields
from knowledge.review.schemas import Reviewer
from knowledge.review.service import ReviewService
from tests.knowledge.contributions.world import FIELDS, add_house, send
from tests.knowledge.review.world import World, add_reviewer, make_world

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Decision = Callable[[ReviewService], Coroutine[Any, Any, object]]


class TestTwoAtOneItem:
    """Both look at revision 2 (written, then sent), both decide."""

    async def race(
        self, world: World, first: tuple[Reviewer, Decision], second: tuple[Reviewer, Decision]
    ) -> list[Any]:
        async def decide(reviewer: Reviewer, decision: Decision) -> None:
            async with world.deciding(reviewer) as service:
                await decision(service)

        return list(await asyncio.gather(decide(*first), decide(*second), return_exceptions=True))

    async def test_exactly_one_wins_and_the_other_keeps_what_was_typed(self, database: Database) -> None:
        world = await make_world(database)
        item = await world.sent()
        revision = (await world.row(item)).revision

        results = await self.race(
            world,
            (world.anna, lambda service: service.reject(item, revision, "Zu knapp.")),
            (world.bert, lambda service: service.ask(item, revision, "Was hat es gekostet?")),
        )

        losers = [result for result in results if result is not None]
        assert len(losers) == 1
        assert isinstance(losers[0], StaleForm)
        assert losers[0].typed in ({"reason": "Zu knapp."}, {"text": "Was hat es gekostet?"})
        row = await world.row(item)
        assert row.revision == revision + 1
        assert len(await world.acts()) == len(await world.told()) == 1

    async def test_a_publication_beside_a_rejection_publishes_once_or_not_at_all(self, database: Database) -> None:
        world = await make_world(database)
        item = await world.sent()
        revision = (await world.row(item)).revision

        results = await self.race(
            world,
            (world.anna, lambda service: service.publish(item, revision)),
            (world.bert, lambda service: service.reject(item, revision, "Doppelt.")),
        )

        assert sorted(type(result).__name__ for result in results) == ["NoneType", "StaleForm"]
        row = await world.row(item)
        assert (row.state is ContributionState.PUBLISHED) == (row.document_id is not None)

    async def test_edits_of_both_never_mix(self, database: Database) -> None:
        world = await make_world(database)
        item = await world.sent()
        revision = (await world.row(item)).revision

        results = await self.race(
            world,
            (world.anna, lambda service: service.edit(item, revision, {"title": "Annas Titel"})),
            (world.bert, lambda service: service.edit(item, revision, {"outcome": "Berts Ergebnis"})),
        )

        fields = (await world.row(item)).fields
        assert sorted(type(result).__name__ for result in results) == ["NoneType", "StaleForm"]
        assert (fields["title"] == "Annas Titel") != (fields["outcome"] == "Berts Ergebnis")


@on_sqlite
class TestSentTwice:
    async def test_the_same_decision_acts_once(self, database: Database) -> None:
        world = await make_world(database)
        item = await world.sent()
        revision = (await world.row(item)).revision
        for _time in range(2):
            async with world.deciding(world.anna) as service:
                await service.publish(item, revision)
        assert await world.acts() == ["review:publish"]
        assert [kind for kind, _data in await world.told()] == ["contribution.published"]

    async def test_the_same_question_is_asked_once(self, database: Database) -> None:
        world = await make_world(database)
        item = await world.sent()
        revision = (await world.row(item)).revision
        for _time in range(2):
            async with world.deciding(world.anna) as service:
                await service.ask(item, revision, "Was hat es gekostet?")
        assert await world.acts() == ["review:ask"]

    async def test_another_reason_is_not_the_same_decision(self, database: Database) -> None:
        world = await make_world(database)
        item = await world.sent()
        revision = (await world.row(item)).revision
        async with world.deciding(world.anna) as service:
            await service.reject(item, revision, "Zu knapp.")
        with pytest.raises(StaleForm) as stale:
            async with world.deciding(world.anna) as service:
                await service.reject(item, revision, "Doppelt.")
        assert stale.value.typed == {"reason": "Doppelt."}
        assert (await world.row(item)).reason == "Zu knapp."


@on_sqlite
class TestAskingBack:
    async def test_the_answer_brings_it_back(self, database: Database) -> None:
        world = await make_world(database)
        item = await world.sent()
        async with world.deciding(world.anna) as service:
            await service.ask(item, (await world.row(item)).revision, " Was hat es gekostet? ")
        assert (await world.queue(world.bert)).counts.asked == 1
        async with unit_of_work(database) as unit:
            await ContributionService(unit).answer(item, world.house.author, "5.900 Euro.")
        view = await world.queue(world.bert)
        assert [line.id for line in view.lines] == [item]
        assert view.counts.asked == 0
        kind, data = (await world.told())[0]
        assert kind == "contribution.asked"
        assert set(data) == {"contribution", "message"}

    async def test_nothing_is_no_question(self, database: Database) -> None:
        world = await make_world(database)
        item = await world.sent()
        with pytest.raises(TextNeeded):
            async with world.deciding(world.anna) as service:
                await service.ask(item, (await world.row(item)).revision, " \n ")
        assert (await world.row(item)).state is ContributionState.WAITING


@on_sqlite
class TestPostponing:
    async def test_it_comes_back_by_itself(self, database: Database) -> None:
        world = await make_world(database)
        item = await world.sent()
        until = today() + timedelta(days=10)
        async with world.deciding(world.anna) as service:
            await service.postpone(item, (await world.row(item)).revision, until)
        before = await world.queue(world.anna)
        assert (before.counts.waiting, before.counts.postponed) == (0, 1)

        back = datetime(until.year, until.month, until.day, 8, tzinfo=HOME).astimezone(UTC)
        use_clock(lambda: back)

        after = await world.queue(world.anna)
        assert (after.counts.waiting, after.counts.postponed) == (1, 0)

    async def test_days_that_make_no_sense_are_refused(self, database: Database) -> None:
        world = await make_world(database)
        item = await world.sent()
        for days in (-1, 0, 400):
            with pytest.raises(DayNeeded):
                async with world.deciding(world.anna) as service:
                    await service.postpone(item, (await world.row(item)).revision, today() + timedelta(days=days))
        assert (await world.row(item)).state is ContributionState.WAITING


@on_sqlite
class TestRedacting:
    DONE = "Frau Dr. Petra Vogelsang (petra.vogelsang@lindenau.de) hat den Dienst gemietet."

    async def test_one_place_then_all(self, database: Database) -> None:
        world = await make_world(database)
        item = await world.sent(done=self.DONE)
        row = await world.row(item)
        found = find_in_fields(row.fields)
        mail = next(one for one in found if "@" in one.finding.text)
        async with world.deciding(world.anna) as service:
            assert await service.redact(item, row.revision, [mail.place]) == 1
        row = await world.row(item)
        assert "petra.vogelsang@lindenau.de" not in row.fields["done"]
        assert "Petra Vogelsang" in row.fields["done"]
        async with world.deciding(world.anna) as service:
            assert await service.redact(item, row.revision, None) == len(find_in_fields(row.fields))
        assert "Vogelsang" not in (await world.row(item)).fields["done"]
        assert await world.acts() == ["review:redact", "review:redact"]

    async def test_what_changed_meanwhile_stays(self, database: Database) -> None:
        world = await make_world(database)
        item = await world.sent(done=self.DONE)
        row = await world.row(item)
        async with world.deciding(world.bert) as service:
            await service.edit(item, row.revision, {"outcome": "Alles gut, sagt Petra Vogelsang."})
        with pytest.raises(StaleForm):
            async with world.deciding(world.anna) as service:
                await service.redact(item, row.revision, None)
        assert (await world.row(item)).fields["done"] == self.DONE


@on_sqlite
class TestEditing:
    async def test_what_is_needed_cannot_be_emptied(self, database: Database) -> None:
        world = await make_world(database)
        item = await world.sent()
        with pytest.raises(FieldInvalid) as refused:
            async with world.deciding(world.anna) as service:
                await service.edit(item, (await world.row(item)).revision, {"outcome": " "})
        assert refused.value.field == "outcome"

    async def test_what_is_not_needed_can(self, database: Database) -> None:
        world = await make_world(database)
        item = await world.sent()
        async with world.deciding(world.anna) as service:
            await service.edit(item, (await world.row(item)).revision, {"costs": "", "topics": "KI, Chat"})
        fields = (await world.row(item)).fields
        assert "costs" not in fields
        assert fields["topics"] == ["KI", "Chat"]
        assert fields["done"] == FIELDS["done"]


@on_sqlite
class TestWhoDecides:
    async def test_another_one_decides_on_ones_own(self, database: Database) -> None:
        world = await make_world(database)
        item = (await send(database, world.house.author)).id
        await world.set(item, member_id=world.anna.member_id)
        revision = (await world.row(item)).revision
        with pytest.raises(OwnContribution):
            async with world.deciding(world.anna) as service:
                await service.publish(item, revision)
        async with world.deciding(world.bert) as service:
            await service.publish(item, revision)
        assert (await world.row(item)).decided_by == world.bert.member_id

    async def test_who_is_alone_decides_on_their_own(self, database: Database) -> None:
        world = await make_world(database)
        async with unit_of_work(database) as unit:
            other = await add_house(unit.session, "Birkenau")
        alone = await add_reviewer(database, "Cora")
        item = (await send(database, other.author)).id
        await world.set(item, member_id=alone.member_id)
        async with unit_of_work(database) as unit:
            for reviewer in (world.anna, world.bert):
                (await unit.session.get_one(Member, reviewer.member_id)).suspended_at = now()
        async with world.deciding(alone) as service:
            await service.publish(item, (await world.row(item)).revision)
        assert (await world.row(item)).state is ContributionState.PUBLISHED

    async def test_what_is_not_ones_office_does_not_exist(self, database: Database) -> None:
        world = await make_world(database)
        async with unit_of_work(database) as unit:
            other = await add_house(unit.session, "Birkenau")
        scoped = await add_reviewer(database, "Cora", organisations=(other.id,))
        item = (await send(database, world.house.author, Wishes(visibility=Visibility.HOUSE))).id
        with pytest.raises(UnknownContribution):
            async with world.deciding(scoped) as service:
                await service.publish(item, (await world.row(item)).revision)

    async def test_a_draft_does_not_exist_for_moderators(self, database: Database) -> None:
        world = await make_world(database)
        async with unit_of_work(database) as unit:
            draft = await ContributionService(unit).start(world.house.author, fields=dict(FIELDS))
        with pytest.raises(UnknownContribution):
            async with world.deciding(world.anna) as service:
                await service.publish(draft.id, draft.revision)


@on_sqlite
class TestReports:
    async def test_closing_tells_whoever_reported_once(self, database: Database) -> None:
        world = await make_world(database)
        report = await world.reported((await world.published()).id)
        for _time in range(2):
            async with world.deciding(world.anna) as service:
                await service.close_report(report, "Berichtigt.")
        assert await world.told() == [("report.closed", {"report": str(report)})]
        assert (await world.queue(world.anna)).counts.reports == 0

    async def test_a_second_outcome_does_not_replace_the_first(self, database: Database) -> None:
        world = await make_world(database)
        report = await world.reported((await world.published()).id)
        async with world.deciding(world.anna) as service:
            await service.close_report(report, "Berichtigt.")
        with pytest.raises(StaleForm) as stale:
            async with world.deciding(world.bert) as service:
                await service.close_report(report, "Nichts zu tun.")
        assert stale.value.typed == {"outcome": "Nichts zu tun."}
