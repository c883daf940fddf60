"""Learning in the hub: what there is, step by step with or without a name, and one's own progress."""

import re

import pytest

from knowledge.access.visibility import network_member
from knowledge.lessons.learning import LearningService
from knowledge.lessons.preparing import prepare_lesson
from knowledge.lessons.schemas import Learner, RunState
from knowledge.lessons.service import LessonService
from tests.hub.pages.lesson_world import FIRST, SECOND, TEXT, bring_lessons, publisher_of
from tests.hub.signed_in import Hub


@pytest.fixture
async def lessons(hub: Hub) -> None:
    await bring_lessons(hub)


async def state_of(hub: Hub, who: str, key: str) -> RunState:
    """Return how far somebody is."""
    member = hub.people[who]
    learner = Learner(member.id, None, network_member(member.organisation_id))
    async with hub.writing() as unit:
        service = LearningService(unit)
        (run,) = [entry for entry in await service.of_learner(learner) if entry.key == key]
        return await service.state(learner, run.run_id)


@pytest.mark.usefixtures("lessons")
class TestList:
    async def test_strangers_see_what_is_for_everybody(self, hub: Hub) -> None:
        async with hub.browser(language="de") as stranger, hub.browser("member", language="de") as member:
            seen, known = (await stranger.get("/lernen")).text, (await member.get("/lernen")).text
        assert "Brunnen zählen" in seen
        assert "Brunnen pflegen" not in seen
        assert "Brunnen pflegen" in known
        assert "/lernen/pfad/brunnen" in seen

    async def test_can_be_narrowed(self, hub: Hub) -> None:
        async with hub.browser("member", language="de") as browser:
            page = (await browser.get("/lernen", params={"stufe": "advanced", "inhalt": "de"})).text
            broken = await browser.get("/lernen", params={"stufe": "x", "thema": "y", "inhalt": "z"})
        assert "Brunnen zählen" not in page
        assert "Brunnen zählen" in broken.text

    async def test_what_is_private_does_not_exist(self, hub: Hub) -> None:
        async with hub.browser() as stranger:
            statuses = [
                (await stranger.get(address)).status_code
                for address in (f"/lernen/{SECOND}", f"/lernen/{SECOND}?schritt=1", "/lernen/gibt-es-nicht")
            ]
        assert statuses == [404, 404, 404]


@pytest.mark.usefixtures("lessons")
class TestReading:
    async def test_a_stranger_reads_through_and_tries_the_question(self, hub: Hub) -> None:
        async with hub.browser() as stranger:
            about = (await stranger.get(f"/lernen/{FIRST}?pfad=brunnen")).text
            assert "Brunnenbuch" in about
            assert f"/lernen/{FIRST}?schritt=1&amp;pfad=brunnen" in about
            first = (await stranger.get(f"/lernen/{FIRST}?schritt=1")).text
            assert "<strong>fetter</strong> Satz mit 3 &lt; 4 &amp; Zeichen" in first
            assert "<li>eins</li>" in first
            question = (await stranger.get(f"/lernen/{FIRST}?schritt=2")).text
            assert 'name="antwort" value="2"' in question
            assert "Er steht in der Mitte" not in question
            wrong = (await stranger.get(f"/lernen/{FIRST}?schritt=2&antwort=1")).text
            assert "Not quite." in wrong
            assert "Right is: Einen" in wrong
            last = (await stranger.get(f"/lernen/{FIRST}?schritt=3")).text
            assert "/suche?q=Brunnen+%26+M%C3%A4rkte" in last
            end = (await stranger.get(f"/lernen/{FIRST}?schritt=4")).text
            assert "Done: Brunnen zählen" in end
            assert "Did this help you?" not in end

    async def test_acts_on_nothing(self, hub: Hub) -> None:
        async with hub.browser() as stranger:
            for act in ("beginnen", "weiter", "antworten", "bewerten"):
                answer = await stranger.post(f"/lernen/{FIRST}/{act}", data={"schritt": "1"})
                assert (answer.status_code, "/anmelden" in answer.headers["location"]) == (303, True)

    async def test_nonsense_in_the_address_does_no_harm(self, hub: Hub) -> None:
        async with hub.browser() as stranger:
            for query in ("schritt=-1", "schritt=abc", "schritt=0", "schritt=2&antwort=9", "schritt=9999999"):
                assert (await stranger.get(f"/lernen/{FIRST}?{query}")).status_code == 200, query


@pytest.mark.usefixtures("lessons")
class TestTaking:
    async def test_from_the_first_step_to_the_next_lesson(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            begun = await browser.post(f"/lernen/{FIRST}/beginnen", data={"pfad": "brunnen"})
            assert begun.headers["location"] == f"/lernen/{FIRST}?schritt=1&pfad=brunnen"
            second = await browser.post(f"/lernen/{FIRST}/weiter", data={"schritt": "1", "pfad": "brunnen"})
            assert second.headers["location"] == f"/lernen/{FIRST}?schritt=2&pfad=brunnen"
            # Nobody goes past a question that they have not answered.
            stays = await browser.post(f"/lernen/{FIRST}/weiter", data={"schritt": "2"})
            assert stays.headers["location"].startswith(f"/lernen/{FIRST}?schritt=2")
            answered = await browser.post(f"/lernen/{FIRST}/antworten", data={"schritt": "2", "antwort": "2"})
            assert answered.headers["location"] == f"/lernen/{FIRST}?schritt=2&antwort=2"
            assert "That is right." in (await browser.get(answered.headers["location"])).text
            await browser.post(f"/lernen/{FIRST}/weiter", data={"schritt": "2"})
            done = await browser.post(f"/lernen/{FIRST}/weiter", data={"schritt": "3"})
            end = (await browser.get(done.headers["location"])).text
            assert "Next: Brunnen pflegen" in end
            rated = await browser.post(f"/lernen/{FIRST}/bewerten", data={"hilft": "ja"})
            assert rated.headers["location"] == f"/lernen/{FIRST}?schritt=4"
            path = (await browser.get("/lernen/pfad/brunnen")).text
        assert "1 of 2 lessons done" in path
        state = await state_of(hub, "member", FIRST)
        assert (state.finished, state.helpful, state.active) == (True, True, False)

    async def test_goes_on_where_it_was_left_wherever_that_was(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            await browser.post(f"/lernen/{FIRST}/beginnen")
            await browser.post(f"/lernen/{FIRST}/weiter", data={"schritt": "1"})
        async with hub.browser("member") as other:
            assert f"/lernen/{FIRST}?schritt=2" in (await other.get("/lernen")).text
            assert "Go on with step 2" in (await other.get(f"/lernen/{FIRST}")).text
            ahead = await other.get(f"/lernen/{FIRST}?schritt=3")
            assert ahead.headers["location"] == f"/lernen/{FIRST}?schritt=2"
            again = await other.post(f"/lernen/{FIRST}/beginnen", data={"anew": "1"})
            assert again.headers["location"] == f"/lernen/{FIRST}?schritt=1"

    async def test_an_old_button_moves_nothing(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            await browser.post(f"/lernen/{FIRST}/beginnen")
            for _time in range(2):
                answer = await browser.post(f"/lernen/{FIRST}/weiter", data={"schritt": "1"})
                assert answer.headers["location"] == f"/lernen/{FIRST}?schritt=2"
            early = await browser.post(f"/lernen/{FIRST}/antworten", data={"schritt": "3", "antwort": "1"})
            assert early.headers["location"] == f"/lernen/{FIRST}?schritt=2"
            none = await browser.post(f"/lernen/{FIRST}/antworten", data={"schritt": "2", "antwort": "7"})
            assert none.headers["location"] == f"/lernen/{FIRST}?schritt=2"
        assert (await state_of(hub, "member", FIRST)).at == 1

    async def test_who_is_in_the_middle_stays_on_their_version_and_finishes_it(self, hub: Hub) -> None:
        publisher = publisher_of(hub)
        async with hub.browser("member") as browser, hub.browser("neighbour") as neighbour:
            await browser.post(f"/lernen/{FIRST}/beginnen")
            text = TEXT.format(key=FIRST, title="Brunnen neu", needs="", visibility="public").replace("fetter", "neuer")
            draft = await prepare_lesson(text)
            async with hub.writing() as unit:
                service = LessonService(unit)
                known = (await service.with_key(FIRST, network_member())).entry
                await service.write(draft, publisher, lesson_id=known.id)
                await service.publish(known.id, publisher)
            assert "fetter" in (await browser.get(f"/lernen/{FIRST}?schritt=1")).text
            assert "neuer" in (await neighbour.get(f"/lernen/{FIRST}?schritt=1")).text
            async with hub.writing() as unit:
                await LessonService(unit).withdraw(known.id, publisher)
            assert (await browser.get(f"/lernen/{FIRST}?schritt=1")).status_code == 200
            about = (await browser.get(f"/lernen/{FIRST}")).text
            assert "This lesson was withdrawn." in about
            assert "Go on with step 1" in about
            assert "Begin again" not in about
            assert (await neighbour.get(f"/lernen/{FIRST}?schritt=1")).status_code == 404

    async def test_says_what_should_come_before(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            assert "Good to have done before: Brunnen zählen" in (await browser.get(f"/lernen/{SECOND}")).text

    async def test_a_completed_path_leads_to_its_certificate(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            for key in (FIRST, SECOND):
                await browser.post(f"/lernen/{key}/beginnen", data={"pfad": "brunnen"})
                await browser.post(f"/lernen/{key}/weiter", data={"schritt": "1"})
                await browser.post(f"/lernen/{key}/antworten", data={"schritt": "2", "antwort": "1"})
                for step in ("2", "3"):
                    await browser.post(f"/lernen/{key}/weiter", data={"schritt": step})
            assert "You completed the path" in (await browser.get(f"/lernen/{SECOND}?schritt=4")).text
            offered = (await browser.get("/nachweise")).text
        found = re.search(r"/nachweise/lernpfad/[0-9a-f-]{36}", offered)
        assert found is not None
