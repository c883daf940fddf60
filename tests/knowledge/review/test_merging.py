"""Folding a contribution into an experience that is there already."""

import pytest

from knowledge.contributions.schemas import Wishes
from knowledge.kit.database import Database
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.repository import DocumentRepository
from knowledge.models import Document
from knowledge.models.contribution import ContributionState
from knowledge.models.document import Kind, Visibility
from knowledge.review.errors import CannotMerge, StaleForm
from knowledge.review.merging import fields_of
from knowledge.review.schemas import MergeTarget
from tests.knowledge.contributions.world import FIELDS, send
from tests.knowledge.review.world import make_world

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


class TestMerging:
    async def test_the_document_gets_a_new_version_and_the_author_is_told(self, database: Database) -> None:
        world = await make_world(database)
        document = await world.published()
        item = (await send(database, world.house.author, title="Chatbot, zweiter Teil")).id
        async with world.deciding(world.anna) as service:
            revision = (await world.row(item)).revision
            await service.merge(
                item, revision, MergeTarget(document.id, 1), {**FIELDS, "outcome": "Zusammen: ein Viertel falsch."}
            )
        row = await world.row(item)
        assert (row.state, row.document_id) == (ContributionState.PUBLISHED, document.id)
        assert row.fields["title"] == "Chatbot, zweiter Teil"
        assert [kind for kind, _data in await world.told()] == ["contribution.merged"]
        async with unit_of_work(database) as unit:
            merged = await unit.session.get_one(Document, document.id)
            assert (merged.version, merged.organisation_id) == (2, world.house.id)
            passages = await DocumentRepository(unit.session).passages_of(document.id)
        assert any("Zusammen: ein Viertel falsch." in passage.text for passage in passages)

    async def test_it_never_reaches_more_people_than_its_author_wanted(self, database: Database) -> None:
        world = await make_world(database)
        document = await world.published()
        item = (await send(database, world.house.author, Wishes(visibility=Visibility.HOUSE))).id
        with pytest.raises(CannotMerge):
            async with world.deciding(world.anna) as service:
                await service.merge(item, (await world.row(item)).revision, MergeTarget(document.id, 1), dict(FIELDS))
        assert (await world.row(item)).state is ContributionState.WAITING

    async def test_two_merges_into_one_document_never_overwrite_each_other(self, database: Database) -> None:
        world = await make_world(database)
        document = await world.published()
        first, second = await world.sent(title="Erster"), await world.sent(title="Zweiter")
        async with world.deciding(world.anna) as service:
            revision = (await world.row(first)).revision
            await service.merge(first, revision, MergeTarget(document.id, 1), {**FIELDS, "outcome": "Von Anna."})
        typed = {**FIELDS, "outcome": "Von Bert."}
        with pytest.raises(StaleForm) as stale:
            async with world.deciding(world.bert) as service:
                await service.merge(second, (await world.row(second)).revision, MergeTarget(document.id, 1), typed)
        assert stale.value.typed["outcome"] == "Von Bert."
        assert (await world.row(second)).state is ContributionState.WAITING

    async def test_only_experiences_are_merged_with(self, database: Database) -> None:
        world = await make_world(database)
        document = await world.published()
        async with unit_of_work(database) as unit:
            (await unit.session.get_one(Document, document.id)).kind = Kind.LITERATURE
        item = await world.sent()
        with pytest.raises(CannotMerge):
            async with world.deciding(world.anna) as service:
                await service.merge(item, (await world.row(item)).revision, MergeTarget(document.id, 1), dict(FIELDS))


class TestFieldsOfADocument:
    async def test_what_was_published_comes_back_field_by_field(self, database: Database) -> None:
        world = await make_world(database)
        listed = "Zuerst dies.\n\n- eins\n- zwei"
        document = await world.published(done=listed)
        async with unit_of_work(database) as unit:
            found = await fields_of(unit, await unit.session.get_one(Document, document.id))
        assert found == {**FIELDS, "done": listed}
