"""Giving a question to the network: the words, who asks the same, personal data, topics, as whom."""

import re

from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.question import ReleasedAs
from knowledge.questions.limits import MOST_A_WEEK
from knowledge.questions.schemas import OpenQuestionEntry
from knowledge.questions.service import QuestionService
from tests.hub.pages.library_world import fields_of, searching
from tests.hub.pages.network_world import ASKED, released, topic
from tests.hub.pages.test_contributions import to
from tests.hub.signed_in import Hub

NEW = "/fragen/neu"


async def mine(hub: Hub, who: str = "member") -> list[OpenQuestionEntry]:
    async with unit_of_work(hub.database, writes=False) as unit:
        return await QuestionService(unit).of_member(hub.people[who].id)


class TestReleasing:
    async def test_from_the_words_to_the_network(self, hub: Hub) -> None:
        await topic(hub, "Trinkwasser")
        async with hub.browser("member") as browser:
            form = fields_of(await browser.get(NEW), NEW)
            check = await browser.post(NEW, data=form | {"text": ASKED})
            assert await mine(hub) == []
            assert "Lindenau" in check.text
            sent = await browser.post(NEW, data=fields_of(check, NEW) | {"als": "organisation", "senden": "1"})
            page = await to(browser, sent)
        (entry,) = await mine(hub)
        assert (entry.text, entry.released_as, entry.asked_by) == (ASKED, ReleasedAs.ORGANISATION, "Lindenau")
        assert "out in the network" in page.text
        assert "Released to the network." in page.text

    async def test_it_is_released_as_was_chosen(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            for number, mask in enumerate(("name", "anonymous", "quatsch")):
                await browser.post(NEW, data={"text": f"Frage {number}: {ASKED}", "als": mask, "senden": "1"})
        said = {entry.text[:7]: entry.asked_by for entry in await mine(hub)}
        assert (said["Frage 0"], said["Frage 2"]) == ("Member, Lindenau", "Lindenau")
        assert said["Frage 1"] in (None, "a member of the network")

    async def test_topics_are_as_they_were_ticked(self, hub: Hub) -> None:
        water, schools = await topic(hub, "Trinkwasser"), await topic(hub, "Schulen")
        async with hub.browser("member") as browser:
            check = await browser.post(NEW, data={"text": "Wer hat Trinkwasser im Haus?", "thema": ""})
            assert str(schools) in check.text
            data = {"text": ASKED, "themen_gewaehlt": "1", "thema": [str(schools)], "senden": "1"}
            await browser.post(NEW, data=data)
        (entry,) = await mine(hub)
        assert [one.id for one in entry.topics] == [schools] != [water]

    async def test_sent_twice_is_one_question(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            form = fields_of(await browser.get(NEW), NEW) | {"text": ASKED, "senden": "1"}
            first, second = [await browser.post(NEW, data=form) for _time in range(2)]
        assert first.headers["location"] == second.headers["location"]
        assert len(await mine(hub)) == 1

    async def test_markup_is_text(self, hub: Hub) -> None:
        words = "<script>alert(1)</script> wer hat das?"
        async with hub.browser("member") as browser:
            check = await browser.post(NEW, data={"text": words})
            page = await to(browser, await browser.post(NEW, data={"text": words, "senden": "1"}))
        assert "<script>alert" not in check.text + page.text
        assert "&lt;script&gt;alert" in check.text


class TestSimilar:
    async def test_the_same_question_is_shown_first_and_joined(self, hub: Hub) -> None:
        other = await released(hub, "neighbour")
        async with hub.browser("member") as browser:
            check = await browser.post(NEW, data={"text": ASKED})
            path = f"/fragen/{other}/betrifft-uns"
            await to(browser, await browser.post(path, data=fields_of(check, path)))
        (entry,) = await mine(hub)
        assert (entry.id, entry.joined) == (other, True)


class TestPersonalData:
    async def test_is_decided_about_before_anything_goes_out(self, hub: Hub) -> None:
        words = "Hat jemand mit Frau Petra Schulz (petra.schulz@ort.example) gearbeitet?"
        async with hub.browser("member") as browser:
            check = await browser.post(NEW, data={"text": words, "senden": "1"})
            assert await mine(hub) == []
            found = re.findall(r'name="gesehen" value="([^"]+)"', check.text)
            places = re.findall(r'name="stelle" type="checkbox" value="([^"]+)"', check.text)
            data = {"text": words, "gesehen": found, "stelle": places, "senden": "1"}
            await to(browser, await browser.post(NEW, data=data))
        (entry,) = await mine(hub)
        assert "Schulz" not in entry.text
        assert "petra" not in entry.text


class TestBadInput:
    async def test_empty_and_too_long_stay_in_the_form(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            empty = await browser.post(NEW, data={"text": " "})
            long = await browser.post(NEW, data={"text": "Wasser " * 400, "senden": "1"})
        assert (empty.status_code, long.status_code) == (422, 422)
        assert "Wasser Wasser" in long.text
        assert "at most 2000 characters" in long.text

    async def test_a_flood_ends_with_a_clear_page_that_keeps_the_words(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            pages = [
                await browser.post(NEW, data={"text": f"{ASKED} Teil {number}", "senden": "1"})
                for number in range(MOST_A_WEEK + 1)
            ]
        assert [page.status_code for page in pages] == [303] * MOST_A_WEEK + [429]
        assert f"Teil {MOST_A_WEEK}" in pages[-1].text
        assert f"{MOST_A_WEEK} questions within a week" in pages[-1].text


class TestFromSearch:
    async def test_what_has_no_answer_is_carried_over_without_being_typed_again(self, hub: Hub) -> None:
        async with searching(hub, line=1.0):
            async with hub.browser("member") as browser:
                found = await browser.get("/suche?q=Zwiebelkuchen+im+Ratskeller")
                check = await browser.post(NEW, data=fields_of(found, NEW))
            async with hub.browser() as browser:
                unknown = await browser.get("/suche?q=Zwiebelkuchen+im+Ratskeller")
        assert "Zwiebelkuchen im Ratskeller</textarea>" in check.text
        assert NEW not in unknown.text
