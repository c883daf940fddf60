"""Organisations over the API: the register for every member, and changes for administrators."""

from typing import Any

import pytest
from httpx import AsyncClient, Response

from knowledge.kit.clock import today
from knowledge.models.organisation import Organisation, OrganisationKind
from knowledge.organisations.names import search_spellings
from tests.hub.api.programs import OPEN_SERVICE, SERVICE, calling
from tests.hub.signed_in import HOUSE, NEIGHBOUR, Hub

KEY = "120615108000"


async def register(hub: Hub, name: str = "Königs Musterau", **more: Any) -> None:
    """Put a municipality into the register."""
    values = {"key": KEY, "ags": "12061000", "state_key": "12", "population": 12_034, "register_kind": "63", **more}
    async with hub.writing() as unit:
        kind = OrganisationKind.MUNICIPALITY
        unit.session.add(Organisation(name=name, search_name=search_spellings(name), kind=kind, **values))


async def change(api: AsyncClient, key: str, body: dict[str, Any]) -> Response:
    """Change an organisation as it is now."""
    etag = (await api.get(f"/organisations/{key}")).headers["etag"]
    return await api.patch(f"/organisations/{key}", json=body, headers={"If-Match": etag})


class TestReading:
    async def test_the_register_is_for_members_and_their_services(self, hub: Hub) -> None:
        statuses = {}
        for who in (None, OPEN_SERVICE, SERVICE, "member"):
            async with calling(hub, who) as api:
                statuses[who] = (await api.get("/organisations")).status_code
        assert list(statuses.values()) == [401, 403, 200, 200]

    async def test_names_are_found_without_umlauts_and_by_key(self, hub: Hub) -> None:
        await register(hub)
        async with calling(hub, "member", language="de") as api:
            found = [
                (await api.get("/organisations", params={"q": word})).json()["items"]
                for word in ("koenigs muster", "12061", "#", "nirgends")
            ]

        assert [[one["name"] for one in some] for some in found] == [["Königs Musterau"], ["Königs Musterau"], [], []]
        one = found[0][0]
        assert (one["kind"], one["label"], one["state"], one["population"]) == (
            "municipality",
            "Stadt",
            "Brandenburg",
            12_034,
        )

    async def test_it_is_narrowed_and_comes_in_pages(self, hub: Hub) -> None:
        await register(hub)
        async with calling(hub, "member") as api:
            others = (await api.get("/organisations", params={"kind": "other", "limit": 1})).json()
            last = (await api.get(others["next"].removeprefix("/api/v1"))).json()
            there = (await api.get("/organisations", params={"state": "12"})).json()["items"]
            wrong = (await api.get("/organisations", params={"state": "99"})).status_code

        assert [[one["key"] for one in some["items"]] for some in (others, last)] == [[NEIGHBOUR], [HOUSE]]
        assert ([one["key"] for one in there], wrong) == ([KEY], 422)

    async def test_who_does_not_look_after_organisations_sees_the_facts_alone(self, hub: Hub) -> None:
        seen = {}
        for who in ("member", "moderator"):
            async with calling(hub, who) as api:
                seen[who] = (await api.get(f"/organisations/{HOUSE}")).json()

        assert (seen["member"]["mail_domains"], seen["moderator"]["mail_domains"]) == (None, [])
        assert (seen["member"]["release_first"], seen["moderator"]["release_first"]) == (None, False)

    async def test_an_old_key_still_leads_to_it(self, hub: Hub) -> None:
        await register(hub, dissolved_on=today())
        async with calling(hub, "member") as api:
            found = [await api.get(f"/organisations/{key}") for key in (KEY, "12061000", "nirgends", "%C3%A4%20")]

        assert [answer.status_code for answer in found] == [200, 200, 404, 404]
        assert found[0].json()["dissolved"] is True


class TestChanging:
    async def test_a_body_is_added_once(self, hub: Hub) -> None:
        body, key = {"name": "Kompetenzzentrum Musterland", "state": "BB"}, {"Idempotency-Key": "a"}
        async with calling(hub, "administrator") as api:
            made = await api.post("/organisations", json=body, headers=key)
            again = await api.post("/organisations", json=body, headers=key)
            taken = await api.post("/organisations", json=body)

        assert (made.status_code, made.json()["key"]) == (201, "kompetenzzentrum-musterland")
        assert (again.json(), taken.status_code) == (made.json(), 409)

    async def test_an_organisation_releases_first(self, hub: Hub) -> None:
        async with calling(hub, "administrator") as api:
            on = await change(api, HOUSE, {"release_first": True})
            off = await change(api, HOUSE, {"release_first": False})

        assert [answer.json()["release_first"] for answer in (on, off)] == [True, False]

    async def test_mail_domains_come_and_go(self, hub: Hub) -> None:
        path = f"/organisations/{HOUSE}/mail-domains"
        async with calling(hub, "administrator") as api:
            added = (await api.put(f"{path}/lindenau.example")).json()["mail_domains"]
            free = await api.put(f"{path}/gmail.com")
            wrong = await api.put(f"{path}/nothing")
            gone = [(await api.delete(f"{path}/lindenau.example")).status_code for _each in range(2)]

        assert (added, free.status_code, wrong.status_code, gone) == (["lindenau.example"], 409, 422, [204, 404])

    @pytest.mark.parametrize("who", ["member", "moderator", "publisher"])
    async def test_it_is_for_administrators(self, hub: Hub, who: str) -> None:
        async with calling(hub, who) as api:
            answers = [
                await api.post("/organisations", json={"name": "Zentrum"}),
                await change(api, HOUSE, {"release_first": True}),
                await api.put(f"/organisations/{HOUSE}/mail-domains/lindenau.example"),
            ]

        assert [answer.status_code for answer in answers] == [403] * 3
