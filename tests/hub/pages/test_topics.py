"""The tree of topics in the hub: added, found, renamed, moved, retired; and nobody overwrites anybody."""

from uuid import UUID

from sqlalchemy import select

from knowledge.jobs.repository import JobRepository
from knowledge.models.audit import AuditEntry
from knowledge.topics.jobs import ALL, LINK_JOB
from knowledge.topics.seeding import seed_topics
from knowledge.topics.tree import TopicEntry, TopicTree, load_tree
from tests.hub.pages.library_world import hidden
from tests.hub.signed_in import Hub

TOPICS = "/themen"


async def seeded(hub: Hub) -> TopicTree:
    """Bring the tree into the hub's database."""
    async with hub.writing() as unit:
        await seed_topics(unit.session)
    return await tree_of(hub)


async def tree_of(hub: Hub) -> TopicTree:
    async with hub.database.session(writes=False) as session:
        return await load_tree(session)


def known(tree: TopicTree, word: str) -> TopicEntry:
    entry = tree.find(word)
    assert entry is not None
    return entry


class TestKeeping:
    async def test_added_found_and_retired(self, hub: Hub) -> None:
        tree = await seeded(hub)
        field = known(tree, "Kultur und Tourismus")
        form = {"name_de": "Karneval <b>", "below": str(field.id), "words": "Fasching\nFastnacht; Tourismusbörse"}
        async with hub.browser("moderator") as browser:
            added = await browser.post(TOPICS, data=form)
            found = (await browser.get(f"{TOPICS}?wort=fastnacht")).text
            made = known(await tree_of(hub), "Fasching")
            page = await browser.get(f"{TOPICS}/{made.id}")
            await browser.post(f"{TOPICS}/{field.id}/zurueckziehen")
            retired = known(await tree_of(hub), "Fasching").retired
            await browser.post(f"{TOPICS}/{made.id}/anbieten")
        assert added.status_code == 303
        assert "Karneval &lt;b&gt;" in found
        assert "Straßenbeleuchtung" not in found
        assert "Culture and tourism › Karneval &lt;b&gt;" in page.text
        assert (made.name_en, made.parent_id, retired) == ("Karneval <b>", field.id, True)
        after = await tree_of(hub)
        assert [known(after, word).retired for word in ("Fasching", field.name_de, "Museen")] == [False, False, True]
        async with hub.database.session(writes=False) as session:
            acts = list(await session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
            jobs = await JobRepository(session).unfinished_keys(LINK_JOB)
        assert acts == ["topics:add", "topics:retire", "topics:restore"]
        assert list(jobs) == [ALL]

    async def test_who_saves_second_sees_what_the_first_one_did(self, hub: Hub) -> None:
        tree = await seeded(hub)
        topic = known(tree, "Feuerwehr")
        where = f"{TOPICS}/{topic.id}"
        async with hub.browser("moderator") as browser:
            revision = hidden(await browser.get(where), "revision")
            form = {"name_de": "Brandwehr", "name_en": "Fire brigade", "words": "", "revision": revision}
            first = await browser.post(where, data=form)
            second = await browser.post(where, data={**form, "name_de": "Löschwesen"})
            better = {"name_de": "Löschwesen", "words": "Feuerwehr", "revision": hidden(second, "revision")}
            again = await browser.post(where, data={**form, **better})
        assert (first.status_code, second.status_code, again.status_code) == (303, 409, 303)
        assert 'value="Löschwesen"' in second.text
        assert "Brandwehr; Fire brigade; Feuerwehr" in second.text
        after = await tree_of(hub)
        assert {known(after, word).id for word in ("Feuerwehr", "Brandwehr", "Löschwesen")} == {topic.id}
        assert after.find("Freiwillige Feuerwehr") is None

    async def test_what_cannot_be_is_given_back(self, hub: Hub) -> None:
        await seeded(hub)
        goal = known(await tree_of(hub), "SDG 4")
        wrong = [
            {"name_de": "  "},
            {"name_de": "Kasse"},
            {"name_de": "Eins, zwei"},
            {"name_de": "Neues", "below": str(goal.id)},
            {"name_de": "Neues", "below": "nirgends"},
        ]
        async with hub.browser("moderator") as browser:
            answers = [await browser.post(TOPICS, data=form) for form in wrong]
            missing = await browser.get(f"{TOPICS}/{UUID(int=7)}")
        assert [answer.status_code for answer in answers] == [422, 409, 422, 422, 422]
        assert "stands for the topic" in answers[1].text
        assert missing.status_code == 404
        assert (await tree_of(hub)).find("Neues") is None

    async def test_only_moderators_keep_them(self, hub: Hub) -> None:
        async with hub.browser("publisher") as browser:
            assert (await browser.get(TOPICS)).status_code == 403
            assert (await browser.post(TOPICS, data={"name_de": "Neues"})).status_code == 403
