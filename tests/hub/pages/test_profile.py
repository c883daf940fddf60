"""One's profile in the hub: topics, being found, languages, one's own digest."""

from uuid import uuid4

from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.member import Findable
from knowledge.peers.profile import MOST_TOPICS, ProfileService
from knowledge.peers.schemas import Profile
from knowledge.topics.seeding import seed_topics
from knowledge.topics.tree import load_tree
from tests.hub.pages.library_world import fields_of
from tests.hub.pages.network_world import topic
from tests.hub.pages.test_contributions import to
from tests.hub.signed_in import Hub

PROFILE = "/konto/profil"


async def profile(hub: Hub, who: str = "member") -> Profile:
    async with unit_of_work(hub.database, writes=False) as unit:
        return await ProfileService(unit).get(hub.people[who].id)


class TestFindable:
    async def test_on_paused_and_off_with_one_click_each(self, hub: Hub) -> None:
        seen = []
        async with hub.browser("member") as browser:
            assert "Nobody sees what you say here" in (await browser.get(PROFILE)).text
            for wanted in ("on", "paused", "off", "quatsch"):
                page = await to(browser, await browser.post(f"{PROFILE}/findbar", data={"findbar": wanted}))
                seen.append(((await profile(hub)).findable, "never your name" in page.text))
        assert seen == [(Findable.ON, True), (Findable.PAUSED, False), (Findable.OFF, False), (Findable.OFF, False)]


class TestTopics:
    async def test_are_ticked_and_unticked(self, hub: Hub) -> None:
        water, schools = str(await topic(hub, "Trinkwasser")), str(await topic(hub, "Schulen"))
        path = f"{PROFILE}/themen"
        async with hub.browser("member") as browser:
            form = fields_of(await browser.get(PROFILE), path)
            await to(browser, await browser.post(path, data=form | {"hilft": [water, schools], "sucht": [water]}))
            first = await profile(hub)
            page = await browser.get(PROFILE)
            await browser.post(path, data=fields_of(page, path) | {"hilft": [schools]})
        assert ({topic.name_de for topic in first.helps}, len(first.seeks)) == ({"Trinkwasser", "Schulen"}, 1)
        assert page.text.count(" checked aria-labelledby") == 3
        second = await profile(hub)
        assert ([topic.name_de for topic in second.helps], second.seeks) == (["Schulen"], ())

    async def test_a_filter_leaves_what_it_does_not_show(self, hub: Hub) -> None:
        water, schools = str(await topic(hub, "Trinkwasser")), str(await topic(hub, "Schulen"))
        path = f"{PROFILE}/themen"
        async with hub.browser("member") as browser:
            await browser.post(path, data={"gezeigt": "alle", "hilft": [water]})
            filtered = await browser.get(f"{PROFILE}?filter=SCHUL")
            await browser.post(path, data=fields_of(filtered, path) | {"hilft": [schools]})
            nothing = await browser.get(f"{PROFILE}?filter=Zwiebelkuchen")
        assert water not in filtered.text
        assert {topic.name_de for topic in (await profile(hub)).helps} == {"Trinkwasser", "Schulen"}
        assert "No topic is called that." in nothing.text

    async def test_too_many_are_refused_and_stay_ticked(self, hub: Hub) -> None:
        async with hub.writing() as unit:
            await seed_topics(unit.session)
            keys = [str(entry.id) for entry in (await load_tree(unit.session)).offered[: MOST_TOPICS + 1]]
        async with hub.browser("member") as browser:
            page = await browser.post(f"{PROFILE}/themen", data={"gezeigt": "alle", "hilft": keys})
            unknown = await browser.post(f"{PROFILE}/themen", data={"gezeigt": "alle", "hilft": [str(uuid4())]})
        assert (page.status_code, unknown.status_code) == (422, 422)
        assert page.text.count(" checked aria-labelledby") == len(keys)
        assert (await profile(hub)).helps == ()


class TestLanguages:
    async def test_ticked_and_named(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            data = {"sprache": ["de", "pl"], "weitere": "Norwegian, de"}
            page = await to(browser, await browser.post(f"{PROFILE}/sprachen", data=data))
            unknown = await browser.post(f"{PROFILE}/sprachen", data={"weitere": "Klingonisch"})
        assert (await profile(hub)).languages == ("de", "pl", "no")
        assert 'value="Norwegian"' in page.text
        assert unknown.status_code == 422
        assert "Klingonisch" in unknown.text


class TestDigest:
    async def test_day_and_hour(self, hub: Hub) -> None:
        chosen = []
        async with hub.browser("member") as browser:
            for day, hour in (("4", "7"), ("", "7"), ("9", "7"), ("1", "25")):
                answer = await browser.post(f"{PROFILE}/rundbrief", data={"tag": day, "stunde": hour})
                found = await profile(hub)
                chosen.append((answer.status_code, found.digest_day, found.digest_hour))
        assert chosen == [(303, 4, 7), (303, None, 7), (422, None, 7), (422, None, 7)]
