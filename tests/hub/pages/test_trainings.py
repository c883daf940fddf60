"""„Schulungen" in the hub: what is coming, for whom, and one's own part in it."""

from datetime import timedelta

import pytest
from httpx import AsyncClient

from hub.pages.training_item import field_of
from knowledge.kit.clock import now
from knowledge.models.document import Visibility
from knowledge.models.training import RegistrationState, Training
from knowledge.trainings.registering import RegistrationService
from knowledge.trainings.service import TrainingService
from tests.hub.pages.network_world import topic
from tests.hub.pages.training_world import (
    LINK,
    PLACE,
    TITLE,
    asking,
    date,
    draft,
    drafted,
    let_pass,
    managed,
    published,
    publisher,
    registered,
)
from tests.hub.signed_in import Hub

TRAININGS = "/schulungen"


async def page(browser: AsyncClient, rest: str = "") -> str:
    """Return a page that is there."""
    answer = await browser.get(f"{TRAININGS}{rest}")
    assert answer.status_code == 200, answer.text
    return answer.text


class TestListing:
    async def test_everybody_sees_what_they_may_find(self, hub: Hub) -> None:
        await published(hub, title="Für alle", visibility=Visibility.PUBLIC)
        await published(hub, title="Fürs Netzwerk")
        await published(hub, title="Fürs eigene Haus", visibility=Visibility.HOUSE)
        await drafted(hub, title="Noch ein Entwurf")
        seen = {}
        for who in (None, "neighbour", "member"):
            async with hub.browser(who) as browser:
                text = await page(browser)
            seen[who] = [title for title in ("Für alle", "Fürs Netzwerk", "Fürs eigene Haus") if title in text]
            assert "Noch ein Entwurf" not in text
        assert [len(seen[who]) for who in (None, "neighbour", "member")] == [1, 2, 3]

    async def test_what_is_over_is_not_shown(self, hub: Hub) -> None:
        over = await published(hub, title="Schon vorbei")
        await published(hub, title="Kommt noch")
        await let_pass(hub, over.id)
        async with hub.browser("member") as browser:
            text = await page(browser)
        assert "Kommt noch" in text
        assert "Schon vorbei" not in text

    async def test_it_is_narrowed_by_topic_time_and_place(self, hub: Hub) -> None:
        water = await topic(hub, "Trinkwasser")
        await published(hub, title="Brunnen", topics=(water,), state_key="12", dates=(date(3),))
        await published(hub, title="Netze", online=True, dates=(date(60),))
        async with hub.browser("member") as browser:
            asked = (f"?thema={water}", "?wann=7", "?wo=online", "?wo=vor-ort", "?wo=12", "?wo=09&wann=90")
            found = [[title for title in ("Brunnen", "Netze") if title in await page(browser, part)] for part in asked]
        # What is online can be attended from every Land.
        assert found == [["Brunnen"], ["Brunnen"], ["Netze"], ["Brunnen"], ["Brunnen", "Netze"], ["Netze"]]

    async def test_what_makes_no_sense_in_the_address_is_left_out(self, hub: Hub) -> None:
        await published(hub)
        async with hub.browser("member") as browser:
            for part in ("?thema=x&wann=7000&wo=99", "?nach=morgen_x", "?nach=2027-01-01_0", "?wo=kreis"):
                assert TITLE in await page(browser, part)

    async def test_a_long_list_goes_on_where_it_ended(self, hub: Hub) -> None:
        async with hub.writing() as unit:
            service, by = TrainingService(unit), publisher(hub)
            for number in range(23):
                made = await service.create(draft(title=f"Reihe {number:02}", dates=(date(2 + number),)), by)
                await service.publish(made.id, by)
        async with hub.browser("member") as browser:
            first = await page(browser)
            more = first.partition('rel="next"')[0].rpartition('href="')[2].rpartition('"')[0].replace("&amp;", "&")
            second = (await browser.get(more)).text
        assert [f"Reihe {number:02}" in first for number in (0, 19, 20)] == [True, True, False]
        assert [f"Reihe {number:02}" in second for number in (19, 20, 22)] == [False, True, True]
        assert 'rel="next"' not in second


class TestOne:
    async def test_place_and_link_are_for_those_who_are_registered(self, hub: Hub) -> None:
        entry = await published(hub, visibility=Visibility.PUBLIC)
        await registered(hub, entry.id, "member")
        seen = {}
        for who in (None, "neighbour", "member"):
            async with hub.browser(who) as browser:
                seen[who] = await page(browser, f"/{entry.id}")
        assert [PLACE in seen[who] for who in seen] == [False, False, True]
        assert [LINK in seen[who] for who in seen] == [False, False, True]
        assert f"/anmelden?weiter=/schulungen/{entry.id}" in seen[None]

    async def test_what_one_may_not_find_does_not_exist(self, hub: Hub) -> None:
        house = await published(hub, visibility=Visibility.HOUSE)
        unseen = await drafted(hub)
        async with hub.browser("neighbour") as browser:
            for key in (house.id, unseen.id):
                assert (await browser.get(f"{TRAININGS}/{key}")).status_code == 404
                assert (await browser.post(f"{TRAININGS}/{key}/anmelden")).status_code == 404
        assert (await managed(hub, house.id)).taken == 0

    async def test_markup_in_its_words_is_text(self, hub: Hub) -> None:
        bad = "<script>alert(1)</script>"
        entry = await published(hub, title=bad, summary=bad, outcomes=bad, place=bad, link="https://x.example/'onx='")
        await registered(hub, entry.id)
        async with hub.browser("member") as browser:
            text = await page(browser, f"/{entry.id}")
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)" in text
        assert "'onx='" not in text


class TestRegistering:
    async def test_somebody_registers_and_cancels_again(self, hub: Hub) -> None:
        entry = await published(hub)
        address = f"{TRAININGS}/{entry.id}"
        async with hub.browser("member") as browser:
            made = await browser.post(f"{address}/anmelden")
            assert (made.status_code, made.headers["location"]) == (303, address)
            there = await page(browser, f"/{entry.id}")
            assert "You are registered." in there
            assert "Cancel your registration?" in await page(browser, f"/{entry.id}/abmelden")
            assert (await browser.post(f"{address}/abmelden")).status_code == 303
            gone = await page(browser, f"/{entry.id}")
        assert (PLACE in there, PLACE in gone) == (True, False)
        assert "Register me" in gone
        assert (await managed(hub, entry.id)).taken == 0

    async def test_what_has_to_be_answered_is_asked_again_with_what_was_typed(self, hub: Hub) -> None:
        entry = await asking(hub)
        field = field_of(entry.questions[0].id)
        async with hub.browser("member") as browser:
            again = await browser.post(f"{TRAININGS}/{entry.id}/anmelden", data={field: " "})
            assert again.status_code == 422
            assert f'id="{field}-error"' in again.text
            long = await browser.post(f"{TRAININGS}/{entry.id}/anmelden", data={field: "x" * 5000})
            assert "x" * 5000 in long.text
            assert (await browser.post(f"{TRAININGS}/{entry.id}/anmelden", data={field: "Libre"})).status_code == 303
            assert "Libre" in await page(browser, f"/{entry.id}")

    async def test_the_second_one_waits_and_moves_up(self, hub: Hub) -> None:
        entry = await published(hub, capacity=1)
        first = await registered(hub, entry.id, "neighbour")
        async with hub.browser("member") as browser:
            assert "Join the waiting list" in await page(browser, f"/{entry.id}")
            await browser.post(f"{TRAININGS}/{entry.id}/anmelden")
            assert "You are number 1 on the waiting list." in await page(browser, f"/{entry.id}")
            async with hub.browser("neighbour") as other:
                await other.post(f"{TRAININGS}/{entry.id}/abmelden")
            assert f'href="{TRAININGS}/{entry.id}"' in (await browser.get("/")).text
            offered = await page(browser, f"/{entry.id}")
            assert "It is kept for you until" in offered
            assert PLACE not in offered
            await browser.post(f"{TRAININGS}/{entry.id}/platz", data={"antwort": "ja"})
            assert PLACE in await page(browser, f"/{entry.id}")
        assert first.state is RegistrationState.REGISTERED

    async def test_a_place_that_is_declined_goes_on(self, hub: Hub) -> None:
        entry = await published(hub, capacity=1)
        for who in ("neighbour", "member", "moderator"):
            await registered(hub, entry.id, who)
        async with hub.browser("neighbour") as browser:
            await browser.post(f"{TRAININGS}/{entry.id}/abmelden")
        async with hub.browser("member") as browser:
            await browser.post(f"{TRAININGS}/{entry.id}/platz", data={"antwort": "nein"})
            late = await browser.post(f"{TRAININGS}/{entry.id}/platz", data={"antwort": "ja"})
            assert late.status_code == 409
            assert "This place is not kept for you any more." in late.text
        async with hub.browser("moderator") as browser:
            assert "a place is kept for you" in await page(browser, f"/{entry.id}")

    async def test_sending_the_form_twice_acts_once(self, hub: Hub) -> None:
        entry = await published(hub)
        async with hub.browser("member") as browser:
            text = await page(browser, f"/{entry.id}")
            key = text.partition('name="form_key" value="')[2].partition('"')[0]
            for _turn in range(2):
                answer = await browser.post(f"{TRAININGS}/{entry.id}/anmelden", data={"form_key": key})
                assert answer.headers["location"] == f"{TRAININGS}/{entry.id}"
        assert (await managed(hub, entry.id)).taken == 1

    @pytest.mark.parametrize("capacity", [1, 2])
    async def test_without_a_waiting_list_it_is_said_that_it_is_full(self, hub: Hub, capacity: int) -> None:
        entry = await published(hub, capacity=capacity, waiting_list=False)
        for who in ("neighbour", "moderator")[:capacity]:
            await registered(hub, entry.id, who)
        async with hub.browser("member") as browser:
            text = await page(browser, f"/{entry.id}")
            refused = await browser.post(f"{TRAININGS}/{entry.id}/anmelden")
        assert "Register me" not in text
        assert refused.status_code == 409
        assert "All places of this training are taken" in refused.text

    async def test_nobody_cancels_what_is_over(self, hub: Hub) -> None:
        entry = await published(hub)
        await registered(hub, entry.id)
        await let_pass(hub, entry.id)
        async with hub.browser("member") as browser:
            assert "Cancel my registration" not in await page(browser, f"/{entry.id}")
            refused = await browser.post(f"{TRAININGS}/{entry.id}/abmelden")
        assert refused.status_code == 409
        assert "This training has already begun" in refused.text

    async def test_whoever_is_not_registered_cannot_cancel(self, hub: Hub) -> None:
        entry = await published(hub)
        async with hub.browser("member") as browser:
            assert (await browser.get(f"{TRAININGS}/{entry.id}/abmelden")).headers["location"].endswith(str(entry.id))
            assert (await browser.post(f"{TRAININGS}/{entry.id}/abmelden")).status_code == 404


class TestAsking:
    async def test_a_question_and_its_answer(self, hub: Hub) -> None:
        entry = await published(hub)
        address = f"{TRAININGS}/verwalten/{entry.id}/fragen"
        async with hub.browser("member") as browser, hub.browser("publisher") as other:
            await browser.post(f"{TRAININGS}/{entry.id}/fragen", data={"frage": "Gibt es Parkplätze?"})
            assert "There is no answer yet." in await page(browser, f"/{entry.id}")
            assert "1 question waits for an answer" in await page(other, f"/{entry.id}")
            inquiries = (await other.get(address)).text
            assert "Gibt es Parkplätze?" in inquiries
            inquiry = inquiries.partition(f'action="{address}/')[2].partition('"')[0]
            empty = await other.post(f"{address}/{inquiry}", data={"antwort": " "})
            assert empty.status_code == 422
            assert (await other.post(f"{address}/{inquiry}", data={"antwort": "Ja, zehn."})).status_code == 303
            assert "Ja, zehn." in await page(browser, f"/{entry.id}")
        async with hub.browser("neighbour") as third:
            text = await page(third, f"/{entry.id}")
        assert "Gibt es Parkplätze?" not in text

    async def test_an_empty_question_is_none(self, hub: Hub) -> None:
        entry = await published(hub)
        async with hub.browser("member") as browser:
            answer = await browser.post(f"{TRAININGS}/{entry.id}/fragen", data={"frage": ""})
        assert answer.status_code == 422
        assert 'id="frage-error"' in answer.text


class TestFeedback:
    async def test_whoever_took_part_says_how_it_was(self, hub: Hub) -> None:
        entry = await published(hub)
        await registered(hub, entry.id)
        async with hub.browser("member") as browser:
            assert "How was it?" not in await page(browser, f"/{entry.id}")
            await let_pass(hub, entry.id)
            assert "How was it?" in await page(browser, f"/{entry.id}")
            address = f"{TRAININGS}/{entry.id}/rueckmeldung"
            assert (await browser.post(address, data={"kommentar": "Gut"})).status_code == 422
            long = await browser.post(address, data={"geholfen": "ja", "kommentar": "x" * 2000})
            assert long.status_code == 422
            said = await browser.post(address, data={"geholfen": "nein", "kommentar": "Zu kurz"})
            assert said.status_code == 303
            text = await page(browser, f"/{entry.id}")
        assert "Zu kurz" in text
        assert "you said something already" in text

    async def test_whoever_took_part_finds_the_way_to_their_certificate(self, hub: Hub) -> None:
        entry = await published(hub)
        mine = await registered(hub, entry.id)
        await let_pass(hub, entry.id)
        async with hub.browser("member") as browser:
            before = await page(browser, f"/{entry.id}")
            async with hub.writing() as unit:
                await RegistrationService(unit).note_attendance(entry.id, publisher(hub), {mine.id: True})
            after = await page(browser, f"/{entry.id}")
        assert ("/nachweise" in before, "/nachweise" in after) == (False, True)


class TestOwn:
    async def test_ones_own_are_listed_what_is_coming_first(self, hub: Hub) -> None:
        over, next_one = await published(hub, title="War schon"), await published(hub, title="Kommt bald")
        other = await published(hub, title="Nur andere")
        for entry in (over, next_one):
            await registered(hub, entry.id)
        await registered(hub, other.id, "neighbour")
        await let_pass(hub, over.id)
        async with hub.browser("member") as browser:
            text = await page(browser, "/meine")
        assert text.index("Kommt bald") < text.index("What was") < text.index("War schon")
        assert "Nur andere" not in text

    async def test_a_cancelled_one_says_why(self, hub: Hub) -> None:
        entry = await published(hub)
        await registered(hub, entry.id)
        async with hub.writing() as unit:
            await TrainingService(unit).cancel(entry.id, publisher(hub), "Der Saal steht unter Wasser.")
        async with hub.browser("member") as browser:
            text = await page(browser, f"/{entry.id}")
            own = await page(browser, "/meine")
        assert "Der Saal steht unter Wasser." in text
        assert "Register me" not in text
        assert "cancelled" in own

    async def test_a_deadline_that_is_over_is_said(self, hub: Hub) -> None:
        entry = await published(hub)
        async with hub.writing() as unit:
            row = await unit.session.get_one(Training, entry.id)
            row.deadline = now() - timedelta(hours=1)
        async with hub.browser("member") as browser:
            text = await page(browser, f"/{entry.id}")
            refused = await browser.post(f"{TRAININGS}/{entry.id}/anmelden")
        assert "Registration ended on" in text
        assert refused.status_code == 409
