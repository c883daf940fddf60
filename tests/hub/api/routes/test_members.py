"""Members over the API: one's own profile, and what moderators and administrators see and do."""

from typing import Any

import pytest
from httpx import AsyncClient, Response

from knowledge.models.member import Member, Role
from tests.hub.api.programs import calling
from tests.hub.pages.network_world import topic
from tests.hub.signed_in import HOUSE, Hub


async def changed(api: AsyncClient, path: str, body: dict[str, Any], method: str = "PUT") -> Response:
    """Change something as it is now."""
    etag = (await api.get(path)).headers["etag"]
    return await api.request(method, path, json=body, headers={"If-Match": etag})


class TestOwnProfile:
    async def test_it_says_who_one_is_and_what_one_says_of_oneself(self, hub: Hub) -> None:
        water = await topic(hub, "Trinkwasser")
        body = {"helps": [str(water)], "languages": ["de", "pl"], "findable": "on", "digest_day": None}
        async with calling(hub, "member") as api:
            answer = await changed(api, "/members/me", body, "PATCH")
            mine = (await api.get("/members/me")).json()

        assert answer.json() == mine
        assert (mine["name"], mine["organisation_key"], mine["role"]) == ("Member", HOUSE, "member")
        assert ([one["name"] for one in mine["helps"]], mine["seeks"]) == (["Drinking water"], [])
        assert (mine["languages"], mine["findable"], mine["digest_day"]) == (["de", "pl"], "on", None)

    async def test_what_is_left_out_stays(self, hub: Hub) -> None:
        async with calling(hub, "member") as api:
            await changed(api, "/members/me", {"digest_day": 3, "digest_hour": 7}, "PATCH")
            after = (await changed(api, "/members/me", {"findable": "paused"}, "PATCH")).json()

        assert (after["digest_day"], after["digest_hour"], after["findable"]) == (3, 7, "paused")

    async def test_nobody_overwrites_what_they_have_not_seen(self, hub: Hub) -> None:
        async with calling(hub, "member") as api:
            etag = (await api.get("/members/me")).headers["etag"]
            without = await api.patch("/members/me", json={"findable": "on"})
            first = await api.patch("/members/me", json={"findable": "on"}, headers={"If-Match": etag})
            late = await api.patch("/members/me", json={"findable": "off"}, headers={"If-Match": etag})
            next_one = await api.patch(
                "/members/me", json={"findable": "off"}, headers={"If-Match": first.headers["etag"]}
            )

        assert [answer.status_code for answer in (without, first, late, next_one)] == [428, 200, 412, 200]

    @pytest.mark.parametrize("body", [{"languages": ["xx"]}, {"helps": ["x"]}, {"digest_day": 7}, {"digest_hour": "8"}])
    async def test_what_makes_no_sense_is_refused(self, hub: Hub, body: dict[str, Any]) -> None:
        async with calling(hub, "member") as api:
            assert (await changed(api, "/members/me", body, "PATCH")).status_code == 422


class TestDirectory:
    async def test_who_sees_whom(self, hub: Hub) -> None:
        seen = {}
        for who in ("member", "publisher", "moderator", "scoped_moderator", "administrator"):
            async with calling(hub, who) as api:
                answer = await api.get("/members", params={"limit": 100})
            seen[who] = [one["name"] for one in answer.json()["items"]] if answer.status_code == 200 else []

        assert (seen["member"], seen["publisher"]) == ([], [])
        assert seen["moderator"] == seen["administrator"] == sorted(seen["administrator"])
        assert len(seen["administrator"]) == len(hub.people)
        assert seen["scoped_moderator"] == ["Neighbour"]

    async def test_it_is_narrowed_and_comes_in_pages(self, hub: Hub) -> None:
        async with calling(hub, "administrator") as api:
            first = (await api.get("/members", params={"role": "moderator", "limit": 2})).json()
            second = (await api.get(first["next"].removeprefix("/api/v1"))).json()
            named = (await api.get("/members", params={"name": "neigh", "organisation": "gruenau"})).json()
            out = (await api.get("/members", params={"state": "suspended"})).json()

        names = [[one["name"] for one in some["items"]] for some in (first, second, named, out)]
        assert names == [
            ["Moderator", "Scoped_Moderator"],
            ["Suspended", "Weak_Moderator"],
            ["Neighbour"],
            ["Suspended"],
        ]

    async def test_one_of_another_house_is_not_there(self, hub: Hub) -> None:
        paths = [f"/members/{hub.people[who].id}" for who in ("neighbour", "member")]
        async with calling(hub, "scoped_moderator") as api:
            assert [(await api.get(path)).status_code for path in paths] == [200, 404]


class TestChanging:
    async def test_an_administrator_says_what_a_member_may_do(self, hub: Hub) -> None:
        path = f"/members/{hub.people['member'].id}"
        body = {"name": "Kim Beispiel", "organisation": "gruenau", "role": "moderator", "topics": ["Straßen"]}
        async with calling(hub, "administrator") as api:
            answer = (await changed(api, path, body)).json()

        assert (answer["name"], answer["organisation_key"], answer["role"]) == ("Kim Beispiel", "gruenau", "moderator")
        assert (answer["topics"], answer["organisations"]) == (["Straßen"], [])

    async def test_nobody_changes_their_own_rights(self, hub: Hub) -> None:
        path = f"/members/{hub.people['administrator'].id}"
        body = {"name": "Administrator", "organisation": HOUSE, "role": "member"}
        async with calling(hub, "administrator") as api:
            answers = [await changed(api, path, body), await api.put(f"{path}/suspension")]

        assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(409, "members.own_account")] * 2

    async def test_who_is_suspended_is_out_until_it_is_lifted(self, hub: Hub) -> None:
        path = f"/members/{hub.people['member'].id}/suspension"
        async with calling(hub, "administrator") as admin, calling(hub, "member") as api:
            states = [(await admin.put(path)).json()["state"] for _each in range(2)]
            out = (await api.get("/members/me")).status_code
            states.append((await admin.delete(path)).json()["state"])

        assert (states, out) == (["suspended", "suspended", "active"], 401)

    async def test_moderators_change_nobody(self, hub: Hub) -> None:
        path = f"/members/{hub.people['member'].id}"
        async with calling(hub, "moderator") as api:
            body = {"name": "Member", "organisation": HOUSE, "role": "administrator"}
            answers = [await changed(api, path, body), await api.put(f"{path}/suspension")]

        assert [answer.status_code for answer in answers] == [403, 403]
        async with hub.writing() as unit:
            assert (await unit.session.get_one(Member, hub.people["member"].id)).role is Role.MEMBER


class TestInviting:
    async def test_moderators_invite_members_where_they_look_after_somebody(self, hub: Hub) -> None:
        wishes = (
            {"organisation": "gruenau"},
            {"organisation": HOUSE},
            {"organisation": "gruenau", "role": "moderator"},
        )
        async with calling(hub, "scoped_moderator") as api:
            answers = [await api.post("/members/invitations", json=wish) for wish in wishes]

        assert [answer.status_code for answer in answers] == [201, 403, 403]
        assert len(answers[0].json()["code"]) > 8

    async def test_what_is_not_there_is_said(self, hub: Hub) -> None:
        wishes = ({"organisation": "nirgends"}, {"days": 0}, {"name": ""}, {"name": "\u202eKim"}, {"days": True})
        async with calling(hub, "administrator") as api:
            answers = [await api.post("/members/invitations", json=wish) for wish in wishes]

        assert [answer.status_code for answer in answers] == [404, 422, 422, 422, 422]
