"""Peers over the API: found with reasons and without names, and contact by double yes."""

from uuid import uuid4

from httpx import AsyncClient

from tests.hub.api.programs import SERVICE, calling
from tests.hub.pages.network_world import WISHED, findable, topic
from tests.hub.signed_in import Hub


async def asked(hub: Hub, who: str = "member", to: str = "neighbour") -> str:
    """Let somebody who can be found be asked for contact; returns the request."""
    await findable(hub, to, "Trinkwasser")
    async with calling(hub, who) as api:
        found = (await api.get("/peers", params={"q": "Trinkwasser"})).json()["people"]
        made = await api.post("/contacts", json={"to": found[0]["key"], "text": WISHED})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


async def one(api: AsyncClient, contact: str) -> dict[str, object]:
    """Return a contact request."""
    found: dict[str, object] = (await api.get(f"/contacts/{contact}")).json()
    return found


class TestFinding:
    async def test_people_are_found_with_a_reason_and_no_name(self, hub: Hub) -> None:
        water = (await findable(hub, "neighbour", "Trinkwasser"))[0]
        async with calling(hub, "member") as api:
            by_words = (await api.get("/peers", params={"q": "Trinkwasser"})).json()
            by_topic = await api.get("/peers", params={"topic": str(water)})

        assert by_topic.json() == by_words
        assert by_words["topic"] == {"id": str(water), "name": "Drinking water"}
        assert [(peer["organisation"], peer["reason"]) for peer in by_words["people"]] == [
            ("Gruenau", "can help with “Drinking water”")
        ]
        assert "Neighbour" not in by_topic.text

    async def test_who_does_not_want_it_is_not_found(self, hub: Hub) -> None:
        await topic(hub, "Trinkwasser")
        async with calling(hub, "member") as api:
            found = (await api.get("/peers", params={"q": "Trinkwasser"})).json()

        assert found["people"] == []

    async def test_it_is_for_people_and_not_for_services(self, hub: Hub) -> None:
        statuses = []
        for who in (None, SERVICE):
            async with calling(hub, who) as api:
                statuses.append((await api.get("/peers")).status_code)
        assert statuses == [401, 403]


class TestContact:
    async def test_nothing_is_told_before_both_said_yes(self, hub: Hub) -> None:
        contact = await asked(hub)
        async with calling(hub, "neighbour") as api:
            [received] = (await api.get("/contacts")).json()["items"]
            accepted = (await api.post(f"/contacts/{contact}/accept")).json()
            again = await api.post(f"/contacts/{contact}/accept")
        async with calling(hub, "member") as api:
            mine = (await api.get("/contacts", params={"direction": "made"})).json()["items"]

        assert (received["state"], received["organisation"], received["text"]) == ("waiting", "Lindenau", WISHED)
        assert received["card"] is None
        assert accepted["card"]["name"] == "Member"
        assert again.status_code == 409
        assert [(entry["state"], entry["card"]) for entry in mine] == [
            (
                "exchanged",
                {
                    "name": "Neighbour",
                    "organisation": "Gruenau",
                    "addresses": [{"network": "matrix", "address": "@neighbour:ort.example"}],
                },
            )
        ]

    async def test_a_no_looks_like_waiting_to_whoever_asked(self, hub: Hub) -> None:
        contact = await asked(hub)
        async with calling(hub, "neighbour") as api:
            declined = (await api.post(f"/contacts/{contact}/decline")).json()
        async with calling(hub, "member") as api:
            mine = await one(api, contact)

        assert (declined["state"], mine["state"], mine["card"]) == ("declined", "waiting", None)

    async def test_it_can_be_taken_back(self, hub: Hub) -> None:
        contact = await asked(hub)
        async with calling(hub, "member") as api:
            withdrawn = (await api.post(f"/contacts/{contact}/withdraw")).json()
        async with calling(hub, "neighbour") as api:
            late = await api.post(f"/contacts/{contact}/accept")

        assert (withdrawn["state"], late.status_code) == ("withdrawn", 409)

    async def test_it_is_for_its_two_sides_alone(self, hub: Hub) -> None:
        contact = await asked(hub)
        async with calling(hub, "publisher") as api:
            answers = [await api.get(f"/contacts/{contact}"), await api.post(f"/contacts/{contact}/accept")]
        async with calling(hub, "member") as api:
            answers.append(await api.post(f"/contacts/{contact}/decline"))

        assert [answer.status_code for answer in answers] == [404] * 3

    async def test_a_person_that_is_not_there_looks_like_one_who_is_away(self, hub: Hub) -> None:
        async with calling(hub, "member") as api:
            made = await api.post("/contacts", json={"to": str(uuid4()), "text": WISHED})

        assert (made.status_code, made.json()["state"]) == (201, "waiting")

    async def test_words_are_looked_at_first(self, hub: Hub) -> None:
        await findable(hub, "neighbour", "Trinkwasser")
        to, number = str(hub.people["neighbour"].id), f"{WISHED} Bitte rufen Sie mich an: 03375 555010."
        async with calling(hub, "member") as api:
            short = await api.post("/contacts", json={"to": to, "text": "Hallo"})
            found = await api.post("/contacts", json={"to": to, "text": number})
            sent = await api.post("/contacts", json={"to": to, "text": number, "findings_may_stay": True})
            again = await api.post("/contacts", json={"to": to, "text": WISHED})

        assert [short.json()["code"], found.json()["code"]] == ["peers.words", "questions.findings"]
        assert (sent.status_code, again.status_code) == (201, 409)


class TestHandingOn:
    async def test_a_colleague_is_asked_in_turn(self, hub: Hub) -> None:
        contact = await asked(hub, "neighbour", "member")
        async with calling(hub, "member") as api:
            found = (await api.get(f"/contacts/{contact}/colleagues", params={"name": "Releaser"})).json()["items"]
            passed = await api.post(f"/contacts/{contact}/pass-on", json={"to": found[0]["key"]})
            again = await api.post(f"/contacts/{contact}/pass-on", json={"to": found[0]["key"]})
        async with calling(hub, "releaser") as api:
            [received] = (await api.get("/contacts")).json()["items"]
        async with calling(hub, "neighbour") as api:
            mine = await one(api, contact)

        assert [colleague["name"] for colleague in found] == ["Releaser"]
        assert (passed.status_code, again.status_code) == (200, 409)
        assert (received["state"], received["text"]) == ("waiting", WISHED)
        # Whoever asked is told nothing of it.
        assert (mine["state"], mine["organisation"]) == ("waiting", "Lindenau")

    async def test_nobody_else_is_a_colleague(self, hub: Hub) -> None:
        contact = await asked(hub, "neighbour", "member")
        others = [str(hub.people[who].id) for who in ("neighbour", "suspended", "member")]
        async with calling(hub, "member") as api:
            named = (await api.get(f"/contacts/{contact}/colleagues", params={"name": "Neighbour"})).json()["items"]
            answers = [await api.post(f"/contacts/{contact}/pass-on", json={"to": key}) for key in others]
        async with calling(hub, "publisher") as api:
            answers.append(await api.get(f"/contacts/{contact}/colleagues", params={"name": "Releaser"}))

        assert named == []
        assert [answer.status_code for answer in answers] == [404] * 4


class TestBlocking:
    async def test_nothing_more_comes_until_it_is_taken_back(self, hub: Hub) -> None:
        contact = await asked(hub)
        async with calling(hub, "neighbour") as api:
            blocked = [await api.post(f"/contacts/{contact}/block") for _time in range(2)]
            [block] = (await api.get("/blocks")).json()["items"]
            gone = [await api.delete(f"/blocks/{block['key']}") for _time in range(2)]
            left = (await api.get("/blocks")).json()["items"]
        async with calling(hub, "member") as api:
            mine = await one(api, contact)

        assert [answer.json()["state"] for answer in blocked] == ["declined", "declined"]
        assert (block["organisation"], block["name"]) == ("Lindenau", None)
        assert block["key"] != str(hub.people["member"].id)
        assert ([answer.status_code for answer in gone], left) == ([204, 204], [])
        # Whoever is blocked is told nothing of it.
        assert mine["state"] == "waiting"

    async def test_only_whoever_was_asked_blocks_and_only_ones_own_are_taken_back(self, hub: Hub) -> None:
        contact = await asked(hub)
        async with calling(hub, "neighbour") as api:
            await api.post(f"/contacts/{contact}/block")
            [block] = (await api.get("/blocks")).json()["items"]
            async with calling(hub, "member") as other, calling(hub, "publisher") as third:
                answers = [await one.post(f"/contacts/{contact}/block") for one in (other, third)]
                await other.delete(f"/blocks/{block['key']}")
                unseen = (await other.get("/blocks")).json()["items"]
            left = (await api.get("/blocks")).json()["items"]

        assert [answer.status_code for answer in answers] == [404, 404]
        assert (unseen, left) == ([], [block])
