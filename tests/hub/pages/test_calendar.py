"""Calendars in the hub, read back by another parser than the one that wrote them."""

import vobject
from httpx import Response

from knowledge.models.document import Visibility
from knowledge.trainings.calendar import uid
from knowledge.trainings.service import TrainingService
from tests.hub.pages.training_world import PLACE, draft, drafted, managed, published, publisher, registered
from tests.hub.signed_in import Hub

OWN = "/schulungen/meine"


def events(answer: Response) -> dict[str, dict[str, str]]:
    """Return the events of a calendar by UID, each with what it says."""
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/calendar")
    calendar = vobject.readOne(answer.text)
    found = calendar.contents.get("vevent", [])
    return {
        event.uid.value: {name: str(lines[0].value) for name, lines in event.contents.items() if lines}
        for event in found
    }


async def address_of(hub: Hub, who: str = "member") -> str:
    """Let somebody make the secret address of their calendar; returns its path."""
    async with hub.browser(who) as browser:
        page = (await browser.post(f"{OWN}/kalender")).text
        again = (await browser.get(OWN)).text
    address = page.partition('class="secret">')[2].partition("<")[0]
    assert address.startswith("http://hub.test/kalender/")
    assert address not in again
    return address.removeprefix("http://hub.test")


class TestOwnFeed:
    async def test_it_follows_registration_change_and_cancellation(self, hub: Hub) -> None:
        entry = await published(hub)
        other = await published(hub, title="Ohne mich")
        await registered(hub, entry.id)
        address, key = await address_of(hub), uid(entry.dates[0].id)
        async with hub.browser() as calendar:
            first = events(await calendar.get(address))
            async with hub.writing() as unit:
                service = TrainingService(unit)
                current = await service.get_managed(entry.id, publisher(hub))
                dates = (await service.draft(entry.id, publisher(hub))).dates
                await service.change(entry.id, draft(place="Neuer Saal", dates=dates), publisher(hub), current.revision)
            second = events(await calendar.get(address))
            async with hub.writing() as unit:
                await TrainingService(unit).cancel(entry.id, publisher(hub), "Krank.")
            third = events(await calendar.get(address))
        assert [set(one) for one in (first, second, third)] == [{key}] * 3
        assert (first[key]["location"], second[key]["location"]) == (PLACE, "Neuer Saal")
        sequences = [int(one[key]["sequence"]) for one in (first, second, third)]
        assert sequences == sorted(set(sequences))
        assert third[key]["status"] == "CANCELLED"
        assert uid(other.dates[0].id) not in first

    async def test_a_new_address_ends_the_old_one_and_it_can_be_ended_for_good(self, hub: Hub) -> None:
        old, new = await address_of(hub), await address_of(hub)
        async with hub.browser() as calendar, hub.browser("member") as browser:
            assert [(await calendar.get(one)).status_code for one in (old, new)] == [404, 200]
            assert (await browser.post(f"{OWN}/kalender/beenden")).status_code == 303
            assert (await calendar.get(new)).status_code == 404

    async def test_a_calendar_that_has_it_already_gets_nothing_again(self, hub: Hub) -> None:
        entry = await published(hub)
        await registered(hub, entry.id)
        address = await address_of(hub)
        async with hub.browser() as calendar:
            first = await calendar.get(address)
            same = await calendar.get(address, headers={"If-None-Match": first.headers["etag"]})
        assert first.headers["cache-control"] == "private, max-age=900"
        assert (same.status_code, same.content) == (304, b"")

    async def test_guessing_addresses_becomes_slow_but_the_right_one_still_works(self, hub: Hub) -> None:
        address = await address_of(hub)
        async with hub.browser() as calendar:
            answers = [await calendar.get(f"/kalender/geraten{number}.ics") for number in range(32)]
            right = await calendar.get(address)
            # Whoever sits in the same town hall can sign in as before.
            signing_in = await calendar.post("/anmelden", data={"login": "anna", "password": "falsch", "code": ""})
        assert signing_in.status_code == 422
        assert [answer.status_code for answer in answers] == [404] * 30 + [429] * 2
        assert int(answers[-1].headers["retry-after"]) > 0
        assert right.status_code == 200


class TestOthers:
    async def test_the_public_feed_has_only_what_is_public_and_no_place(self, hub: Hub) -> None:
        public, network = await published(hub, visibility=Visibility.PUBLIC), await published(hub)
        await registered(hub, public.id)
        async with hub.browser("member") as browser:
            answer = await browser.get("/kalender/oeffentlich.ics")
        found = events(answer)
        assert set(found) == {uid(public.dates[0].id)}
        assert PLACE not in answer.text
        assert str(network.id) not in answer.text
        assert answer.headers["cache-control"] == "public, max-age=900"

    async def test_one_training_with_its_place_for_those_who_are_registered(self, hub: Hub) -> None:
        entry, unseen = await published(hub), await drafted(hub)
        await registered(hub, entry.id)
        places = {}
        for who in ("neighbour", "member"):
            async with hub.browser(who) as browser:
                (event,) = events(await browser.get(f"/schulungen/{entry.id}/kalender.ics")).values()
                places[who] = event["location"]
                assert (await browser.get(f"/schulungen/{unseen.id}/kalender.ics")).status_code == 404
        assert places == {"neighbour": "Lindenau", "member": PLACE}
        async with hub.browser() as browser:
            assert (await browser.get(f"/schulungen/{entry.id}/kalender.ics")).status_code == 404
        assert (await managed(hub, entry.id)).taken == 1
