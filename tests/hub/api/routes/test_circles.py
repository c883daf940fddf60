"""Circles over the API: names for members, settings for whoever looks after them."""

from typing import Any

from httpx import AsyncClient, Response

from knowledge.circles.service import CircleService
from knowledge.kit.ids import new_id
from knowledge.models.chat import Chat, ChatKind, Circle, Network
from tests.hub.api.programs import SERVICE, calling
from tests.hub.signed_in import Hub

SETTINGS = {"language": "de", "topics": ["Straßen"], "recognises": False, "paused": False, "digest_day": None}


async def circle(hub: Hub, name: str = "Infrastruktur", *, topics: str = "", linked: bool = False) -> str:
    """Add a circle."""
    async with hub.writing() as unit:
        made = await CircleService(unit.session).add(name)
        await CircleService(unit.session).set_topics(made.id, topics)
        if linked:
            chat = Chat(id=new_id(), network=Network.MATRIX, address="!ort:ort.example", kind=ChatKind.GROUP)
            unit.session.add(chat)
            await unit.session.flush()
            (await unit.session.get_one(Circle, made.id)).chat_id = chat.id
    return str(made.id)


async def change(api: AsyncClient, key: str, body: dict[str, Any]) -> Response:
    """Change a circle as it is now."""
    etag = (await api.get(f"/circles/{key}")).headers["etag"]
    return await api.put(f"/circles/{key}/settings", json=body, headers={"If-Match": etag})


class TestReading:
    async def test_members_and_services_read_names(self, hub: Hub) -> None:
        await circle(hub, "Ämter")
        key = await circle(hub, "Bauhof", topics="Straßen")
        for who in ("member", SERVICE):
            async with calling(hub, who) as api:
                listed = (await api.get("/circles")).json()["items"]
                one = (await api.get(f"/circles/{key}")).json()
            assert [entry["name"] for entry in listed] == ["Bauhof", "Ämter"]
            assert one == {"id": key, "name": "Bauhof", "settings": None}

    async def test_settings_are_for_those_who_look_after_it(self, hub: Hub) -> None:
        keys = [await circle(hub, "Bauhof", topics="Straßen"), await circle(hub, "Schulen", topics="Schulen")]
        seen = {}
        for who in ("moderator", "scoped_moderator", "publisher"):
            async with calling(hub, who) as api:
                seen[who] = [(await api.get(f"/circles/{key}")).json()["settings"] is not None for key in keys]
        assert seen == {"moderator": [True, True], "scoped_moderator": [True, False], "publisher": [False, False]}


class TestChanging:
    async def test_all_of_it_is_set(self, hub: Hub) -> None:
        key = await circle(hub, linked=True)
        async with calling(hub, "moderator") as api:
            answer = await change(api, key, {**SETTINGS, "recognises": True, "paused": True})
            vouched = (await api.put(f"/circles/{key}/vouching")).json()["settings"]
            after = (await api.delete(f"/circles/{key}/vouching")).json()["settings"]

        settings = answer.json()["settings"]
        assert (settings["topics"], settings["recognises"], settings["paused"]) == (["Straßen"], True, True)
        assert (settings["digest_day"], settings["unknown_topics"]) == (None, ["Straßen"])
        assert (vouched["vouched_at"] is not None, after["vouched_at"]) == (True, None)
        assert len(vouched["finds"]) == len(after["finds"]) == 3

    async def test_nobody_overwrites_what_they_have_not_seen(self, hub: Hub) -> None:
        key = await circle(hub)
        async with calling(hub, "moderator") as api:
            etag = (await api.get(f"/circles/{key}")).headers["etag"]
            first = await change(api, key, SETTINGS)
            late = await api.put(f"/circles/{key}/settings", json=SETTINGS, headers={"If-Match": etag})
            without = await api.put(f"/circles/{key}/settings", json=SETTINGS)

        assert [answer.status_code for answer in (first, late, without)] == [200, 412, 428]

    async def test_it_is_for_those_who_look_after_it(self, hub: Hub) -> None:
        key = await circle(hub, topics="Schulen")
        statuses = []
        for who in ("member", "scoped_moderator"):
            async with calling(hub, who) as api:
                statuses += [(await change(api, key, SETTINGS)).status_code]
                statuses += [(await api.put(f"/circles/{key}/vouching")).status_code]
        assert statuses == [403, 403, 404, 404]

    async def test_nobody_vouches_for_no_group(self, hub: Hub) -> None:
        key = await circle(hub)
        async with calling(hub, "moderator") as api:
            refused = await api.put(f"/circles/{key}/vouching")
        assert (refused.status_code, refused.json()["code"]) == (409, "circles.no_group")


class TestAdding:
    async def test_one_comes_with_a_code(self, hub: Hub) -> None:
        async with calling(hub, "moderator") as api:
            made = await api.post("/circles", json={"name": "Bauhof", "topics": ["Straßen"]})
            again = await api.post("/circles", json={"name": "bauhof"})
            other = await api.post(f"/circles/{made.json()['circle']['id']}/code")

        assert (made.status_code, again.status_code, other.status_code) == (201, 409, 201)
        assert made.json()["code"] != other.json()["code"]

    async def test_a_moderator_of_topics_gives_it_one_of_theirs(self, hub: Hub) -> None:
        async with calling(hub, "scoped_moderator") as api:
            refused = await api.post("/circles", json={"name": "Bauhof"})
            made = await api.post("/circles", json={"name": "Bauhof", "topics": ["Straßen"]})

        assert (refused.status_code, made.status_code) == (422, 201)

    async def test_what_makes_no_sense_is_refused(self, hub: Hub) -> None:
        wishes: list[dict[str, Any]] = [{}, {"name": ""}, {"name": "\u202e"}]
        wishes += [{"name": "A", "topics": ["a, b"]}, {"name": "A", "topics": "a"}]
        async with calling(hub, "moderator") as api:
            answers = [await api.post("/circles", json=wish) for wish in wishes]

        assert [answer.status_code for answer in answers] == [422] * 5
