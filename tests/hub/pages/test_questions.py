"""Open questions in the hub: the lists, one question with its answers, and what asker and answerer do."""

import re
from collections.abc import Sequence
from html import unescape
from uuid import UUID, uuid4

from hub.pages.questions import PER_PAGE
from knowledge.contributions.schemas import ContributionEntry
from knowledge.contributions.service import ContributionService
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.models.contribution import ContributionState
from knowledge.models.question import OpenQuestionState, ReleasedAs
from knowledge.questions.limits import MOST_TO_ONE
from knowledge.questions.service import QuestionService
from tests.hub.pages.library_world import fields_of
from tests.hub.pages.network_world import ANSWERED, ASKED, answered, author, findable, released, seen, topic
from tests.hub.pages.test_contributions import to
from tests.hub.signed_in import Hub

QUESTION = "/fragen/{}"


async def answers_of(hub: Hub, who: str = "neighbour") -> list[str]:
    """Return the texts of what somebody answered."""
    async with unit_of_work(hub.database, writes=False) as unit:
        return [answer.text for answer in await QuestionService(unit).answers_of(hub.people[who].id)]


async def withdraw(hub: Hub, question: UUID) -> None:
    async with hub.writing() as unit:
        await QuestionService(unit).withdraw(question, author(hub))


class TestLists:
    async def test_ones_own_say_where_each_is(self, hub: Hub) -> None:
        question = await released(hub)
        async with hub.browser("member") as browser:
            waiting = (await browser.get("/fragen")).text
            await answered(hub, question)
            answering = (await browser.get("/fragen")).text
        assert "no answer yet" in waiting
        assert "for everybody who comes by" in waiting
        assert "There is 1 answer." in answering
        assert '<li aria-current="step">Please say which of them helped.</li>' in answering

    async def test_what_others_ask_begins_with_what_has_no_answer(self, hub: Hub) -> None:
        first = await released(hub, text="Wer hat eine Bürgersprechstunde per Video?")
        second = await released(hub, text="Wer vermietet Lastenräder?")
        await answered(hub, second, "releaser")
        await released(hub, "neighbour", text="Das ist meine eigene.")
        async with hub.browser("neighbour") as browser:
            page = (await browser.get("/fragen/offen")).text
        assert 0 < page.index(str(first)) < page.index(str(second))
        assert "meine eigene" not in page

    async def test_by_topic_with_what_lies_below_it(self, hub: Hub) -> None:
        water, above, other = [await topic(hub, word) for word in ("Trinkwasser", "Wasser und Wärme", "Schulen")]
        await released(hub, topics=(water,))
        async with hub.browser("neighbour") as browser:
            found = [ASKED in (await browser.get(f"/fragen/offen?thema={key}")).text for key in (water, above, other)]
            nonsense = await browser.get("/fragen/offen?thema=quatsch&vor=gestern")
        assert found == [True, True, False]
        assert nonsense.status_code == 200

    async def test_like_some_words(self, hub: Hub) -> None:
        await released(hub)
        async with hub.browser("neighbour") as browser:
            found = (await browser.get("/fragen/offen?q=Was kostet ein Trinkbrunnen am Marktplatz?")).text
            nothing = (await browser.get("/fragen/offen?q=Zwiebelkuchen")).text
        assert ASKED in found
        assert "No open question is like that." in nothing

    async def test_the_list_goes_on_to_older_ones(self, hub: Hub) -> None:
        askers = [
            who for who in ("member", "releaser", "moderator", "publisher", "administrator") for _each in range(5)
        ]
        keys = [str(await released(hub, who, text=f"Frage {n}?")) for n, who in enumerate([*askers, "neighbour"])]
        shown: list[str] = []
        async with hub.browser("weak_moderator") as browser:
            address: str | None = "/fragen/offen"
            while address:
                page = (await browser.get(address)).text
                shown += re.findall(r'<h3><a href="/fragen/([^"]+)"', page)
                older = re.search(r'href="([^"]+)" rel="next"', page)
                address = unescape(older[1]) if older else None
        assert sorted(shown) == sorted(keys)
        assert len(keys) > PER_PAGE

    async def test_ones_answers_with_what_became_of_them(self, hub: Hub) -> None:
        answer = await answered(hub, await released(hub))
        async with hub.writing() as unit:
            await QuestionService(unit).mark_helped(answer, author(hub), True)
        async with hub.browser("neighbour") as browser:
            page = (await browser.get("/fragen/antworten")).text
        assert ANSWERED in page
        assert "it helped" in page


class TestOneQuestion:
    async def test_as_others_see_it(self, hub: Hub) -> None:
        question = await released(hub, released_as=ReleasedAs.NAME)
        await answered(hub, question, "releaser")
        pages = {}
        for who in ("member", "neighbour", "releaser"):
            async with hub.browser(who) as browser:
                pages[who] = (await browser.get(QUESTION.format(question))).text
        assert all(ASKED in page and "Member, Lindenau" in page for page in pages.values())
        assert [who for who, page in pages.items() if ANSWERED in page] == ["member", "releaser"]
        assert "1 answer. Whoever asked" in pages["neighbour"]
        assert ("Where it is" in pages["member"], "Where it is" in pages["neighbour"]) == (True, False)

    async def test_joining_shows_the_answers_and_leaving_hides_them(self, hub: Hub) -> None:
        question = await released(hub)
        await answered(hub, question, "releaser")
        async with hub.browser("neighbour") as browser:
            joined = await to(browser, await browser.post(f"/fragen/{question}/betrifft-uns"))
            listed = (await browser.get("/fragen")).text
            await to(browser, await browser.post(f"/fragen/{question}/doch-nicht"))
            left = await browser.get(QUESTION.format(question))
        assert ANSWERED in joined.text
        assert "Questions that you have, too" in listed
        assert ANSWERED not in left.text

    async def test_whoever_was_asked_can_say_that_they_cannot_help(self, hub: Hub) -> None:
        topics = await findable(hub, "neighbour", "Trinkwasser")
        question = await released(hub, topics=tuple(topics))
        async with hub.browser("neighbour") as browser:
            start, asked = (await browser.get("/")).text, (await browser.get("/fragen/offen")).text
            await to(browser, await browser.post(f"/fragen/{question}/kann-ich-nicht"))
            after = (await browser.get("/fragen/offen")).text
        assert f'href="/fragen/{question}">You were asked' in start
        assert "you were asked" in asked
        assert "you were asked" not in after

    async def test_what_is_not_there_does_not_exist(self, hub: Hub) -> None:
        question = await released(hub)
        answer = await answered(hub, question)
        await withdraw(hub, question)
        async with hub.browser("releaser") as browser:
            for path in (QUESTION.format(question), QUESTION.format(uuid4()), "/fragen/quatsch"):
                assert (await browser.get(path)).status_code == 404
            for path in (f"/fragen/antwort/{answer}/beitrag", f"/fragen/antwort/{uuid4()}/zuruecknehmen"):
                assert (await browser.get(path)).status_code == 404
            for act in ("betrifft-uns", "kann-ich-nicht", "nicht-beantwortet", "themen", "zurueckziehen"):
                assert (await browser.post(f"/fragen/{uuid4()}/{act}")).status_code == 404


class TestAnswering:
    async def test_goes_to_whoever_asked(self, hub: Hub) -> None:
        question = await released(hub)
        path = f"/fragen/{question}/antworten"
        async with hub.browser("neighbour") as browser:
            form = fields_of(await browser.get(QUESTION.format(question)), path)
            sent = await browser.post(path, data=form | {"text": ANSWERED, "als": "name"})
        async with hub.browser("member") as browser:
            page = (await browser.get(sent.headers["location"])).text
        assert ANSWERED in page
        assert "Neighbour, Gruenau" in page

    async def test_without_a_choice_no_name_is_given(self, hub: Hub) -> None:
        question = await released(hub)
        async with hub.browser("neighbour") as browser:
            await browser.post(f"/fragen/{question}/antworten", data={"text": ANSWERED, "als": "quatsch"})
        async with hub.browser("member") as browser:
            page = (await browser.get(QUESTION.format(question))).text
        assert "Gruenau ·" in page
        assert "Neighbour" not in page

    async def test_sent_twice_is_one_answer(self, hub: Hub) -> None:
        question = await released(hub)
        path = f"/fragen/{question}/antworten"
        async with hub.browser("neighbour") as browser:
            form = fields_of(await browser.get(QUESTION.format(question)), path) | {"text": ANSWERED}
            first, second = [await browser.post(path, data=form) for _time in range(2)]
        assert first.headers["location"] == second.headers["location"]
        assert await answers_of(hub) == [ANSWERED]

    async def test_personal_data_is_shown_first_and_redacted_where_ticked(self, hub: Hub) -> None:
        question, words = await released(hub), "Fragen Sie Frau Petra Schulz, petra.schulz@ort.example."
        path = f"/fragen/{question}/antworten"
        async with hub.browser("neighbour") as browser:
            page = await browser.post(path, data={"text": words, "als": "organisation"})
            assert await answers_of(hub) == []
            places = re.findall(r'name="stelle" type="checkbox" value="([^"]+)"', page.text)
            seen_before = re.findall(r'name="gesehen" value="([^"]+)"', page.text)
            assert len(places) == len(seen_before) >= 2
            data = {"text": words, "als": "organisation", "stelle": places[-1], "gesehen": seen_before}
            assert (await browser.post(path, data=data)).status_code == 303
        (text,) = await answers_of(hub)
        assert "petra.schulz@ort.example" not in text
        assert "Petra Schulz" in text

    async def test_what_was_typed_stays_where_it_cannot_be_sent(self, hub: Hub) -> None:
        question = await released(hub)
        path = f"/fragen/{question}/antworten"
        async with hub.browser("neighbour") as browser:
            empty = await browser.post(path, data={"text": "  "})
            long = await browser.post(path, data={"text": "Wasser " * 1000})
            await withdraw(hub, question)
            gone = await browser.post(path, data={"text": ANSWERED})
        assert (empty.status_code, long.status_code, gone.status_code) == (422, 422, 409)
        assert "at most 6000 characters" in long.text
        assert "Wasser Wasser" in long.text
        assert "taken back meanwhile" in gone.text
        assert ANSWERED in gone.text

    async def test_a_flood_ends_with_a_clear_page_that_keeps_the_text(self, hub: Hub) -> None:
        question = await released(hub)
        async with hub.browser("neighbour") as browser:
            pages = [
                await browser.post(f"/fragen/{question}/antworten", data={"text": f"{ANSWERED} {number}"})
                for number in range(MOST_TO_ONE + 1)
            ]
        assert [page.status_code for page in pages] == [303] * MOST_TO_ONE + [429]
        assert f"{ANSWERED} {MOST_TO_ONE}" in pages[-1].text

    async def test_nobody_answers_oneself(self, hub: Hub) -> None:
        question = await released(hub)
        async with hub.browser("member") as browser:
            page = await browser.get(QUESTION.format(question))
            refused = await browser.post(f"/fragen/{question}/antworten", data={"text": ANSWERED})
        assert "Do you know something about it?" not in page.text
        assert refused.status_code == 409


class TestAboutAnAnswer:
    async def test_both_sides_write_and_nobody_else_reads(self, hub: Hub) -> None:
        question = await released(hub)
        answer = await answered(hub, question)
        path = f"/fragen/antwort/{answer}/schreiben"
        for who, text in (("member", "Wer hat ihn gebaut?"), ("neighbour", "Ein Brunnenbauer von hier.")):
            async with hub.browser(who) as browser:
                form = fields_of(await browser.get(QUESTION.format(question)), path)
                await to(browser, await browser.post(path, data=form | {"text": text}))
        async with hub.browser("releaser") as browser:
            await browser.post(f"/fragen/{question}/betrifft-uns")
            joined = (await browser.get(QUESTION.format(question))).text
            refused = await browser.post(path, data={"text": "Ich auch?"})
        async with hub.browser("member") as browser:
            page = (await browser.get(QUESTION.format(question))).text
        assert "Wer hat ihn gebaut?" in page
        assert "Ein Brunnenbauer von hier." in page
        assert ANSWERED in joined
        assert "Wer hat ihn gebaut?" not in joined
        assert refused.status_code in (404, 409)

    async def test_a_message_that_cannot_be_sent_stays(self, hub: Hub) -> None:
        question = await released(hub)
        answer = await answered(hub, question)
        path = f"/fragen/antwort/{answer}/schreiben"
        async with hub.browser("neighbour") as browser:
            empty = await browser.post(path, data={"text": ""})
            named = await browser.post(path, data={"text": "Rufen Sie 0331 2345678 an."})
            await withdraw(hub, question)
            gone = await browser.post(path, data={"text": "Zu spät geschrieben."})
        assert empty.status_code == 422
        assert "Is anybody named here?" in named.text
        assert gone.status_code in (404, 409)
        assert "Zu spät geschrieben." in gone.text

    async def test_what_helped_is_marked_and_taken_back(self, hub: Hub) -> None:
        question = await released(hub)
        answer = await answered(hub, question)
        path, states = f"/fragen/antwort/{answer}/geholfen", []
        async with hub.browser("member") as browser:
            for said in ("ja", ""):
                await to(browser, await browser.post(path, data={"geholfen": said}))
                states.append((await seen(hub, question)).state)
        async with hub.browser("neighbour") as browser:
            assert (await browser.post(path, data={"geholfen": "ja"})).status_code == 404
        assert states == [OpenQuestionState.ANSWERED, OpenQuestionState.OPEN]

    async def test_it_becomes_a_contribution_with_a_yes(self, hub: Hub) -> None:
        answer = await answered(hub, await released(hub))
        path = f"/fragen/antwort/{answer}/beitrag"
        async with hub.browser("neighbour") as browser:
            assert ANSWERED in (await browser.get(path)).text
            done = await to(browser, await browser.post(path, data={"senden": "1"}))
            again = await browser.get(path)
        (entry,) = await contributions_of(hub, "neighbour")
        assert "waits for a moderator" in done.text
        assert entry.state is ContributionState.WAITING
        assert again.headers["location"] == f"/beitraege/{entry.id}"

    async def test_or_a_draft_to_work_on_first(self, hub: Hub) -> None:
        answer = await answered(hub, await released(hub))
        async with hub.browser("neighbour") as browser:
            form = await to(browser, await browser.post(f"/fragen/antwort/{answer}/beitrag"))
        (entry,) = await contributions_of(hub, "neighbour")
        assert entry.state is ContributionState.DRAFT
        assert ANSWERED in form.text

    async def test_it_is_taken_back_by_its_author_alone(self, hub: Hub) -> None:
        question = await released(hub)
        answer = await answered(hub, question)
        path = f"/fragen/antwort/{answer}/zuruecknehmen"
        async with hub.browser("member") as browser:
            assert (await browser.get(path)).status_code == 404
            assert (await browser.post(path)).status_code == 404
        async with hub.browser("neighbour") as browser:
            assert ANSWERED in (await browser.get(path)).text
            await to(browser, await browser.post(path))
        assert (await seen(hub, question)).answers == 0


async def contributions_of(hub: Hub, who: str) -> Sequence[ContributionEntry]:
    async with unit_of_work(hub.database, writes=False) as unit:
        return await ContributionService(unit).of_author(hub.people[who].id)


class TestOnesOwn:
    async def test_topics_are_changed(self, hub: Hub) -> None:
        question, water = await released(hub), await topic(hub, "Trinkwasser")
        path = f"/fragen/{question}/themen"
        async with hub.browser("member") as browser:
            assert "Drinking water" in (await browser.get(path)).text
            await to(browser, await browser.post(path, data={"thema": [str(water), str(water), "quatsch"]}))
        assert [entry.id for entry in (await seen(hub, question)).topics] == [water]

    async def test_taking_it_back_asks_once_more_and_erases_it(self, hub: Hub) -> None:
        question = await released(hub)
        path = f"/fragen/{question}/zurueckziehen"
        async with hub.browser("member") as browser:
            assert ASKED in (await browser.get(path)).text
            listed = await to(browser, await browser.post(path))
            own = await browser.get(QUESTION.format(question))
            again = await browser.get(path)
        assert ASKED not in listed.text + own.text
        assert (own.status_code, again.status_code) == (200, 404)

    async def test_others_find_none_of_it(self, hub: Hub) -> None:
        question = await released(hub)
        async with hub.browser("moderator") as browser:
            for path in ("themen", "zurueckziehen"):
                assert (await browser.get(f"/fragen/{question}/{path}")).status_code == 404
                assert (await browser.post(f"/fragen/{question}/{path}")).status_code == 404
        assert (await seen(hub, question)).text == ASKED


class TestStart:
    async def test_answers_wait_until_the_asker_says_whether_they_helped(self, hub: Hub) -> None:
        question = await released(hub)
        answer = await answered(hub, question)
        async with hub.browser("member") as browser:
            waiting = (await browser.get("/")).text
            await browser.post(f"/fragen/antwort/{answer}/geholfen", data={"geholfen": "ja"})
            done = (await browser.get("/")).text
        async with hub.browser() as browser:
            unknown = (await browser.get("/")).text
        assert f'href="/fragen/{question}">Answers to your question' in waiting
        assert "Waits for you" not in done + unknown
