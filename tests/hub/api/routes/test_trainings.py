"""Trainings over the API: what is coming, registering, running one, and one's own certificates."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient, Response

from hub.services import HubServices
from knowledge.certificates.service import CertificateService
from knowledge.kit.clock import now
from knowledge.models.document import Visibility
from knowledge.trainings.registering import RegistrationService
from tests.hub.api.programs import SERVICE, calling
from tests.hub.pages.network_world import topic
from tests.hub.pages.training_world import (
    LINK,
    PLACE,
    TITLE,
    asking,
    date,
    drafted,
    let_pass,
    managed,
    published,
    publisher,
    registered,
)
from tests.hub.signed_in import Hub


def wanted(**more: Any) -> dict[str, Any]:
    """Return what a program may send of a training."""
    starts = now().replace(microsecond=0) + timedelta(days=14)
    dates = [{"starts_at": starts.isoformat(), "ends_at": (starts + timedelta(hours=2)).isoformat()}]
    return {"title": TITLE, "place": PLACE, "region": "Lindenau", "capacity": 2, "dates": dates, **more}


async def attended(hub: Hub, who: str = "member") -> UUID:
    """Let somebody have been at a training."""
    entry = await published(hub)
    one = await registered(hub, entry.id, who)
    await let_pass(hub, entry.id)
    async with hub.writing() as unit:
        await RegistrationService(unit).note_attendance(entry.id, publisher(hub), {one.id: True})
    return entry.id


async def titles(api: AsyncClient, path: str = "/trainings", query: str = "") -> list[str]:
    """Return the titles of a list."""
    answer = await api.get(f"{path}?{query}")
    assert answer.status_code == 200, answer.text
    return [one["title"] for one in answer.json()["items"]]


class TestListing:
    async def test_everybody_sees_what_they_may_find(self, hub: Hub) -> None:
        await published(hub, title="Alle", visibility=Visibility.PUBLIC)
        await published(hub, title="Netz", dates=(date(15),))
        await published(hub, title="Haus", visibility=Visibility.HOUSE, dates=(date(16),))
        await drafted(hub, title="Entwurf")
        seen = {}
        for who in (None, "neighbour", "member", SERVICE):
            async with calling(hub, who) as api:
                seen[who] = await titles(api)
        assert list(seen.values()) == [["Alle"], ["Alle", "Netz"], ["Alle", "Netz", "Haus"], ["Alle", "Netz", "Haus"]]

    async def test_it_is_narrowed_and_comes_in_pages(self, hub: Hub) -> None:
        water = await topic(hub, "Trinkwasser")
        await published(hub, title="Brunnen", topics=(water,), state_key="12", dates=(date(3),))
        await published(hub, title="Netze", online=True, dates=(date(60),))
        asked = (f"topic={water}", "within_days=7", "online=true", "state=12")
        async with calling(hub, "member") as api:
            found = [await titles(api, query=query) for query in asked]
            first = (await api.get("/trainings", params={"limit": 1})).json()
            second = (await api.get(first["next"].removeprefix("/api/v1"))).json()

        assert found == [["Brunnen"], ["Brunnen"], ["Netze"], ["Brunnen", "Netze"]]
        assert [one["title"] for one in (*first["items"], *second["items"])] == ["Brunnen", "Netze"]

    async def test_place_and_link_are_for_those_who_are_registered(self, hub: Hub) -> None:
        entry = await published(hub, visibility=Visibility.PUBLIC)
        await registered(hub, entry.id)
        seen = {}
        for who in (None, "neighbour", "member"):
            async with calling(hub, who) as api:
                one = (await api.get(f"/trainings/{entry.id}")).json()
            seen[who] = (one["place"], one["link"], one["registration"] is not None, one["free"])
        assert list(seen.values()) == [(None, None, False, 1), (None, None, False, 1), (PLACE, LINK, True, 1)]

    async def test_what_one_may_not_find_does_not_exist(self, hub: Hub) -> None:
        house, unseen = await published(hub, visibility=Visibility.HOUSE), await drafted(hub)
        async with calling(hub, "neighbour") as api:
            answers = [await api.get(f"/trainings/{key}") for key in (house.id, unseen.id)]
            answers += [await api.put(f"/trainings/{key}/registration", json={}) for key in (house.id, unseen.id)]
        assert [answer.status_code for answer in answers] == [404] * 4


class TestRegistering:
    async def test_twice_is_once_and_the_place_is_given_back(self, hub: Hub) -> None:
        entry = await asking(hub)
        path, answers = f"/trainings/{entry.id}/registration", {str(entry.questions[0].id): "Keines"}
        async with calling(hub, "member") as api:
            without = await api.put(path, json={})
            made = [(await api.put(path, json={"answers": answers})).json() for _each in range(2)]
            mine = await titles(api, "/trainings/mine")
            taken = (await managed(hub, entry.id)).taken
            gone = [(await api.delete(path)).json()["state"] for _each in range(2)]

        assert (without.status_code, without.json()["code"]) == (422, "trainings.answers_invalid")
        assert made[0] == made[1]
        assert (made[0]["state"], made[0]["answers"], mine, taken) == ("registered", answers, [TITLE], 1)
        assert (gone, (await managed(hub, entry.id)).taken) == (["cancelled", "cancelled"], 0)

    async def test_who_waits_is_offered_the_next_place(self, hub: Hub) -> None:
        entry = await published(hub, capacity=1)
        path = f"/trainings/{entry.id}/registration"
        async with calling(hub, "member") as first, calling(hub, "neighbour") as second:
            await first.put(path, json={})
            waits = (await second.put(path, json={})).json()
            early = await second.post(f"{path}/offer", json={"accept": True})
            await first.delete(path)
            offered = (await second.get(f"/trainings/{entry.id}")).json()["registration"]
            taken = await second.post(f"{path}/offer", json={"accept": True})

        assert (waits["state"], waits["position"], early.status_code) == ("waiting", 1, 409)
        assert (offered["state"], taken.json()["state"]) == ("offered", "registered")

    async def test_where_nobody_is_registered_there_is_nothing_to_cancel(self, hub: Hub) -> None:
        entry = await published(hub)
        async with calling(hub, "member") as api:
            answers = [
                await api.delete(f"/trainings/{entry.id}/registration"),
                await api.post(f"/trainings/{entry.id}/registration/offer", json={"accept": False}),
            ]
        assert [answer.json()["code"] for answer in answers] == ["trainings.unknown_registration"] * 2

    async def test_it_is_for_people(self, hub: Hub) -> None:
        entry = await published(hub, visibility=Visibility.PUBLIC)
        statuses = []
        for who in (None, SERVICE):
            async with calling(hub, who) as api:
                statuses.append((await api.put(f"/trainings/{entry.id}/registration", json={})).status_code)
        assert statuses == [401, 403]


async def change(api: AsyncClient, key: str, body: dict[str, Any]) -> Response:
    """Change a training as it is now."""
    etag = (await api.get(f"/managed-trainings/{key}")).headers["etag"]
    return await api.put(f"/managed-trainings/{key}", json=body, headers={"If-Match": etag})


class TestRunning:
    async def test_from_a_draft_to_the_end(self, hub: Hub) -> None:
        body, once = wanted(title="Entwurf"), {"Idempotency-Key": "1"}
        async with calling(hub, "publisher") as api:
            made, again = [await api.post("/managed-trainings", json=body, headers=once) for _each in range(2)]
            key = made.json()["id"]
            changed = await change(api, key, wanted(questions=[{"text": "Mit wem?", "required": True}]))
            states = [(await api.post(f"/managed-trainings/{key}/publish")).json()["state"] for _each in range(2)]
            listed = await titles(api, "/managed-trainings")
            reason = {"reason": "Die Referentin ist erkrankt."}
            cancelled = (await api.post(f"/managed-trainings/{key}/cancel", json=reason)).json()
            late = await change(api, key, wanted())

        assert (made.status_code, made.json()["state"], again.json()["id"]) == (201, "draft", key)
        assert (changed.json()["title"], changed.json()["questions"][0]["required"]) == (TITLE, True)
        assert (states, listed) == (["published", "published"], [TITLE])
        assert (cancelled["state"], cancelled["cancel_reason"]) == ("cancelled", reason["reason"])
        assert (late.status_code, late.json()["code"]) == (409, "trainings.moved_on")

    async def test_nobody_overwrites_what_they_have_not_seen(self, hub: Hub) -> None:
        entry = await drafted(hub)
        path = f"/managed-trainings/{entry.id}"
        async with calling(hub, "publisher") as api:
            etag = (await api.get(path)).headers["etag"]
            first = await api.put(path, json=wanted(), headers={"If-Match": etag})
            late = await api.put(path, json=wanted(), headers={"If-Match": etag})
            without = await api.put(path, json=wanted())

        assert [answer.status_code for answer in (first, late, without)] == [200, 412, 428]

    async def test_a_draft_can_be_thrown_away_and_nothing_else(self, hub: Hub) -> None:
        draft, out = await drafted(hub), await published(hub)
        async with calling(hub, "publisher") as api:
            gone = [(await api.delete(f"/managed-trainings/{one.id}")).status_code for one in (draft, out, draft)]
        assert gone == [204, 409, 404]

    async def test_who_takes_part_is_for_whoever_runs_it(self, hub: Hub) -> None:
        entry = await asking(hub)
        await registered(hub, entry.id, "neighbour", {str(entry.questions[0].id): "Keines"})
        gone = await registered(hub, entry.id, "member", {str(entry.questions[0].id): "Alle"})
        async with hub.writing() as unit:
            await RegistrationService(unit).cancel(gone.id, hub.people["member"].id)
        path, statuses = f"/managed-trainings/{entry.id}/participants", []
        for who in ("member", "moderator"):
            async with calling(hub, who) as api:
                statuses.append((await api.get(path)).status_code)
        async with calling(hub, "publisher") as api:
            [one] = (await api.get(path)).json()["items"]

        assert statuses == [403, 403]
        assert (one["name"], one["organisation"], one["answers"]) == (
            "Neighbour",
            "Gruenau",
            {str(entry.questions[0].id): "Keines"},
        )

    @pytest.mark.parametrize(
        "wrong",
        [
            {"title": ""},
            {"capacity": 0},
            {"capacity": "2"},
            {"link": "javascript:alert(1)"},
            {"visibility": "circle"},
            {"dates": [{"starts_at": "2027-01-01T09:00:00Z", "ends_at": "2027-01-01T08:00:00Z"}]},
            {"dates": [{"starts_at": "2027-01-01T09:00:00", "ends_at": "2027-01-01T10:00:00"}]},
            {"dates": [{"starts_at": "0001-01-01T00:00:00+14:00", "ends_at": "2027-01-01T10:00:00Z"}]},
            {"deadline": 1767258000},
            {"state_key": "99"},
            {"organisation_id": "x"},
        ],
    )
    async def test_what_makes_no_sense_is_refused(self, hub: Hub, wrong: dict[str, Any]) -> None:
        async with calling(hub, "publisher") as api:
            assert (await api.post("/managed-trainings", json=wanted(**wrong))).status_code == 422


class TestCertificates:
    async def test_they_are_ones_own(self, hub: Hub) -> None:
        training = await attended(hub)
        services: HubServices = hub.app.state.services
        async with hub.writing() as unit:
            certificates = CertificateService(unit, services.access_key)
            made = await certificates.for_training(hub.people["member"].id, training, "Kim Beispiel")
        seen = {}
        for who in ("member", "neighbour"):
            async with calling(hub, who) as api:
                listed = (await api.get("/certificates")).json()["items"]
                pdf = await api.get(f"/certificates/{made.id}/pdf")
            seen[who] = ([one["name"] for one in listed], pdf.status_code, pdf.content[:4])

        assert seen["member"] == (["Kim Beispiel"], 200, b"%PDF")
        assert seen["neighbour"][:2] == ([], 404)


class TestAttendance:
    async def test_who_was_there_is_noted_and_taken_back(self, hub: Hub) -> None:
        entry = await published(hub, capacity=3)
        first, second = await registered(hub, entry.id), await registered(hub, entry.id, "neighbour")
        path, was_there = f"/managed-trainings/{entry.id}", {"registration_id": str(first.id), "attended": True}
        async with calling(hub, "publisher") as api:
            early = await api.put(f"{path}/attendance", json={"items": [was_there]})
            await let_pass(hub, entry.id)
            noted = [(await api.put(f"{path}/attendance", json={"items": [was_there]})).json() for _time in range(2)]
            listed = (await api.get(f"{path}/participants")).json()["items"]
            await api.put(f"{path}/attendance", json={"items": [{**was_there, "attended": None}]})
            after = (await api.get(f"{path}/participants")).json()["items"]

        assert early.status_code == 409
        assert noted[0] == noted[1]
        assert [one["registration_id"] for one in noted[0]["items"]] == [str(first.id)]
        assert {one["registration_id"]: one["attended"] for one in listed} == {
            str(first.id): True,
            str(second.id): None,
        }
        assert [one["attended"] for one in after] == [None, None]

    async def test_it_is_for_those_who_run_it_and_for_those_who_had_a_place(self, hub: Hub) -> None:
        entry, other = await published(hub), await published(hub)
        mine, elsewhere = await registered(hub, entry.id), await registered(hub, other.id)
        await let_pass(hub, entry.id)
        path, answers = f"/managed-trainings/{entry.id}/attendance", []
        for who, registration in (("member", mine), ("moderator", mine), ("publisher", elsewhere)):
            async with calling(hub, who) as api:
                body = {"items": [{"registration_id": str(registration.id), "attended": True}]}
                answers.append(await api.put(path, json=body))
        async with calling(hub, "publisher") as api:
            answers.append(await api.put(path, json={"items": []}))

        assert [answer.status_code for answer in answers] == [403, 403, 404, 422]
