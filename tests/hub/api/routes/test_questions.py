"""Open questions over the API: what is there for whom, asking, joining, answering, what helped."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from knowledge.models.question import OpenAnswer, OpenQuestion, OpenQuestionState, ReleasedAs
from knowledge.tokens.scopes import TokenScope
from tests.hub.api.programs import SERVICE, calling, make_token
from tests.hub.pages.network_world import ANSWERED, ASKED, answered, findable, released, seen, topic
from tests.hub.signed_in import Hub

NUMBER = "Bitte rufen Sie mich an: 03375 555010."


async def count(hub: Hub, table: type[OpenQuestion] | type[OpenAnswer]) -> int:
    """Return how many there are."""
    async with hub.writing() as unit:
        return await unit.session.scalar(select(func.count()).select_from(table)) or 0


class TestReading:
    async def test_others_are_shown_as_they_want_it(self, hub: Hub) -> None:
        ways = (ReleasedAs.NAME, ReleasedAs.ORGANISATION, ReleasedAs.ANONYMOUS)
        for way in ways:
            await released(hub, text=f"{ASKED} {way.value}", released_as=way)
        async with calling(hub, "neighbour") as api:
            shown = (await api.get("/questions")).json()["items"]

        assert [one["asked_by"] for one in shown] == [None, "Lindenau", "Member, Lindenau"]
        assert [one["mine"] for one in shown] == [False] * 3

    async def test_they_come_in_pages_and_by_topic(self, hub: Hub) -> None:
        water = await topic(hub, "Trinkwasser")
        for number in range(3):
            await released(hub, text=f"{ASKED} {number}", topics=(water,))
        await released(hub, "releaser", text="Wer hat eine Schule saniert?")
        above = await topic(hub, "Wasser und Wärme")
        async with calling(hub, "neighbour") as api:
            first = (await api.get("/questions", params={"topic": str(above), "limit": 2})).json()
            second = (await api.get(first["next"].removeprefix("/api/v1"))).json()
            everything = (await api.get("/questions")).json()

        assert [one["text"][-1] for one in (*first["items"], *second["items"])] == ["2", "1", "0"]
        assert second["next"] is None
        assert len(everything["items"]) == 4

    async def test_answers_are_for_those_whose_question_it_is(self, hub: Hub) -> None:
        question = await released(hub)
        await answered(hub, question, "neighbour")
        told = {}
        for who in ("member", "neighbour", "publisher"):
            async with calling(hub, who) as api:
                told[who] = (await api.get(f"/questions/{question}")).json()

        assert [[one["text"] for one in told[who]["answers"]] for who in told] == [[ANSWERED], [ANSWERED], []]
        assert [told[who]["answer_count"] for who in told] == [1, 1, 1]
        assert [told[who]["progress"] is None for who in told] == [False, True, True]

    async def test_one_that_was_taken_back_is_there_for_its_asker_alone(self, hub: Hub) -> None:
        question = await released(hub)
        async with calling(hub, "member") as api:
            assert (await api.delete(f"/questions/{question}")).status_code == 204
            mine = (await api.get(f"/questions/{question}")).json()
        async with calling(hub, "neighbour") as api:
            gone = await api.get(f"/questions/{question}")

        assert (mine["state"], mine["text"]) == ("withdrawn", "")
        assert (gone.status_code, gone.json()["code"]) == (404, "questions.unknown")

    async def test_nothing_is_sent_again_that_did_not_change(self, hub: Hub) -> None:
        question = await released(hub)
        async with calling(hub, "member") as api:
            etag = (await api.get(f"/questions/{question}")).headers["etag"]
            same = await api.get(f"/questions/{question}", headers={"If-None-Match": etag})
            await answered(hub, question)
            other = await api.get(f"/questions/{question}", headers={"If-None-Match": etag})

        assert (same.status_code, same.content, other.status_code) == (304, b"", 200)

    async def test_a_service_reads_what_is_open_and_no_more(self, hub: Hub) -> None:
        question = await released(hub)
        await answered(hub, question)
        async with calling(hub, SERVICE) as api:
            listed = (await api.get("/questions")).json()["items"]
            one = (await api.get(f"/questions/{question}")).json()
            mine = await api.get("/questions", params={"show": "mine"})
            asked = await api.post("/questions", json={"text": ASKED})

        assert ([entry["id"] for entry in listed], one["answers"]) == ([str(question)], [])
        assert [answer.status_code for answer in (mine, asked)] == [403, 403]

    async def test_without_the_network_there_is_nothing(self, hub: Hub) -> None:
        async with calling(hub) as api:
            assert (await api.get("/questions")).status_code == 401


class TestAsking:
    async def test_it_goes_to_the_network_as_its_asker_wants(self, hub: Hub) -> None:
        water = await topic(hub, "Trinkwasser")
        body = {"text": ASKED, "released_as": "anonymous", "topics": [str(water)]}
        async with calling(hub, "member") as api:
            made = await api.post("/questions", json=body)
            mine = (await api.get("/questions", params={"show": "mine"})).json()["items"]

        assert made.status_code == 201
        assert (made.json()["mine"], [one["name"] for one in made.json()["topics"]]) == (True, ["Drinking water"])
        assert [one["id"] for one in mine] == [made.json()["id"]]
        assert (await seen(hub, UUID(made.json()["id"]), "neighbour")).asked_by is None

    async def test_without_a_word_it_is_the_organisations(self, hub: Hub) -> None:
        async with calling(hub, "member") as api:
            made = (await api.post("/questions", json={"text": ASKED, "topics": []})).json()

        assert (made["released_as"], made["asked_by"]) == ("organisation", "Lindenau")

    async def test_the_same_request_with_a_key_asks_once(self, hub: Hub) -> None:
        key = {"Idempotency-Key": "einmal"}
        async with calling(hub, "member") as api:
            first = await api.post("/questions", json={"text": ASKED}, headers=key)
            again = await api.post("/questions", json={"text": ASKED}, headers=key)
            other = await api.post("/questions", json={"text": f"{ASKED} Und wer wartet ihn?"}, headers=key)

        assert first.json() == again.json()
        assert again.headers["idempotency-replayed"] == "true"
        assert (other.status_code, await count(hub, OpenQuestion)) == (422, 1)

    async def test_what_looks_like_personal_data_is_for_the_asker_to_decide(self, hub: Hub) -> None:
        body = {"text": f"{ASKED} {NUMBER}", "topics": []}
        async with calling(hub, "member") as api:
            looked = (await api.post("/questions/check", json={"text": body["text"]})).json()
            refused = await api.post("/questions", json=body)
            kept = await count(hub, OpenQuestion)
            made = await api.post("/questions", json={**body, "findings_may_stay": True})

        found = looked["findings"][0]
        assert (found["kind"], looked["text"][found["start"] : found["end"]]) == ("phone", found["text"])
        assert (refused.status_code, refused.json()["code"], kept) == (422, "questions.findings", 0)
        assert made.status_code == 201

    async def test_what_others_asked_is_shown_before(self, hub: Hub) -> None:
        question = await released(hub, "neighbour")
        async with calling(hub, "member") as api:
            looked = (await api.post("/questions/check", json={"text": ASKED})).json()

        assert [one["id"] for one in looked["similar"]] == [str(question)]

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"text": ""},
            {"text": "\x00"},
            {"text": "x" * 2001},
            {"text": ASKED, "released_as": "nobody"},
            {"text": ASKED, "topics": "all"},
            {"text": ASKED, "topics": ["x"]},
            {"text": ASKED, "findings_may_stay": "yes"},
            {"text": ASKED, "more": 1},
            [],
        ],
    )
    async def test_what_makes_no_sense_is_refused(self, hub: Hub, body: object) -> None:
        async with calling(hub, "member") as api:
            refused = await api.post("/questions", json=body)

        assert refused.status_code == 422
        assert await count(hub, OpenQuestion) == 0

    async def test_reading_is_not_writing(self, hub: Hub) -> None:
        token = await make_token(hub, "member", [TokenScope.QUESTIONS_READ])
        async with calling(hub, token=token.secret) as api:
            refused = await api.post("/questions", json={"text": ASKED})

        assert (refused.status_code, refused.json()["code"]) == (403, "api.scope_missing")

    async def test_its_topics_are_its_askers(self, hub: Hub) -> None:
        question, schools = await released(hub), await topic(hub, "Schulen")
        body = {"topics": [str(schools)]}
        async with calling(hub, "neighbour") as api:
            foreign = await api.put(f"/questions/{question}/topics", json=body)
        async with calling(hub, "member", language="de") as api:
            changed = await api.put(f"/questions/{question}/topics", json=body)

        assert foreign.status_code == 404
        assert [one["name"] for one in changed.json()["topics"]] == ["Schulen"]


class TestJoining:
    async def test_twice_is_once_and_it_can_be_taken_back(self, hub: Hub) -> None:
        question = await released(hub)
        await answered(hub, question, "publisher")
        async with calling(hub, "neighbour") as api:
            joined = [(await api.put(f"/questions/{question}/joined")).json()["joined"] for _each in range(2)]
            read = (await api.get(f"/questions/{question}")).json()["answers"]
            left = [(await api.delete(f"/questions/{question}/joined")).status_code for _each in range(2)]
            after = (await api.get(f"/questions/{question}")).json()

        assert (joined, [one["text"] for one in read], left) == ([True, True], [ANSWERED], [204, 204])
        assert (after["joined"], after["answers"]) == (False, [])

    async def test_few_are_not_counted(self, hub: Hub) -> None:
        question, told = await released(hub), []
        for who in ("neighbour", "publisher", "releaser"):
            async with calling(hub, who) as api:
                told.append((await api.put(f"/questions/{question}/joined")).json()["followers"])

        assert told == [None, None, 3]

    async def test_ones_own_is_a_conflict(self, hub: Hub) -> None:
        question = await released(hub)
        async with calling(hub, "member") as api:
            refused = await api.put(f"/questions/{question}/joined")

        assert (refused.status_code, refused.json()["code"]) == (409, "questions.own")


class TestAnswering:
    async def test_an_answer_helps_and_is_thanked_for(self, hub: Hub) -> None:
        question = await released(hub)
        async with calling(hub, "neighbour") as api:
            body = {"text": ANSWERED, "answered_as": "name"}
            made = await api.post(f"/questions/{question}/answers", json=body, headers={"Idempotency-Key": "1"})
            again = await api.post(f"/questions/{question}/answers", json=body, headers={"Idempotency-Key": "1"})
        answer = made.json()["id"]
        async with calling(hub, "member") as api:
            marked = (await api.put(f"/answers/{answer}/helped", json={"helped": True})).json()
            state = (await api.get(f"/questions/{question}")).json()["state"]
            taken_back = (await api.put(f"/answers/{answer}/helped", json={"helped": None})).json()
            foreign = await api.delete(f"/answers/{answer}")

        assert (made.status_code, again.json(), await count(hub, OpenAnswer)) == (201, made.json(), 1)
        assert (marked["answered_by"], marked["helped"], state) == ("Neighbour, Gruenau", True, "answered")
        assert (taken_back["helped"], foreign.status_code) == (None, 404)

    async def test_what_the_two_write_is_theirs_alone(self, hub: Hub) -> None:
        question = await released(hub)
        answer = await answered(hub, question)
        async with calling(hub, "publisher") as api:
            await api.put(f"/questions/{question}/joined")
            foreign = await api.post(f"/answers/{answer}/messages", json={"text": "Und der Winter?"})
            theirs = (await api.get(f"/answers/{answer}")).json()["messages"]
        async with calling(hub, "member") as api:
            written = await api.post(f"/answers/{answer}/messages", json={"text": "Wer wartet die Brunnen?"})
        async with calling(hub, "neighbour") as api:
            read = (await api.get("/answers")).json()["items"]

        assert (foreign.status_code, theirs) == (404, [])
        assert (written.status_code, written.json()["from_asker"]) == (201, True)
        assert [one["text"] for one in read[0]["messages"]] == ["Wer wartet die Brunnen?"]

    async def test_ones_own_answer_can_be_taken_back(self, hub: Hub) -> None:
        question = await released(hub)
        answer = await answered(hub, question)
        async with calling(hub, "neighbour") as api:
            gone = [(await api.delete(f"/answers/{answer}")).status_code for _each in range(2)]
            missing = await api.get(f"/answers/{answer}")

        assert (gone, missing.status_code) == ([204, 204], 404)

    async def test_one_does_not_answer_oneself(self, hub: Hub) -> None:
        question = await released(hub)
        async with calling(hub, "member") as api:
            own = await api.post(f"/questions/{question}/answers", json={"text": ANSWERED})

        assert (own.status_code, own.json()["code"]) == (409, "questions.own")


class TestHandingOn:
    async def test_one_that_was_brought_is_handed_on(self, hub: Hub) -> None:
        question = await released(hub, topics=tuple(await findable(hub, "neighbour", "Trinkwasser")))
        asked_of_me = {"show": "asked_of_me"}
        async with calling(hub, "neighbour") as api:
            before = (await api.get("/questions", params=asked_of_me)).json()["items"]
            declined = [(await api.post(f"/questions/{question}/decline")).status_code for _each in range(2)]
            after = (await api.get("/questions", params=asked_of_me)).json()["items"]
            still_open = await api.get(f"/questions/{question}")

        assert [one["id"] for one in before] == [str(question)]
        assert (declined, after, still_open.status_code) == ([204, 204], [], 200)

    async def test_one_that_is_not_there_is_not_handed_on(self, hub: Hub) -> None:
        async with calling(hub, "neighbour") as api:
            answer = await api.post(f"/questions/{uuid4()}/decline")
        assert answer.status_code == 404


class TestReopening:
    async def test_what_was_published_was_not_it(self, hub: Hub) -> None:
        question = await released(hub)
        async with hub.writing() as unit:
            mine = update(OpenQuestion).where(OpenQuestion.id == question)
            await unit.session.execute(mine.values(state=OpenQuestionState.PUBLISHED))
        async with calling(hub, "member") as api, calling(hub, "neighbour") as other:
            foreign = await other.post(f"/questions/{question}/reopen")
            answers = [await api.post(f"/questions/{question}/reopen") for _each in range(2)]

        assert foreign.status_code == 404
        assert [answer.status_code for answer in answers] == [200, 409]
        assert answers[0].json()["state"] == "open"
