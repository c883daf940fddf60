"""„Wie weit sind wir?" in the hub: answered, kept for members alone, forgotten."""

from knowledge.lessons.self_check import load_self_check
from knowledge.topics.seeding import seed_topics
from tests.hub.signed_in import Hub


def answers(number: int = 1) -> dict[str, str]:
    return {f"frage-{question.key}": str(number) for question in load_self_check("en").questions}


class TestStranger:
    async def test_sees_where_they_stand_and_nothing_is_kept(self, hub: Hub) -> None:
        async with hub.browser() as stranger:
            asked = (await stranger.get("/wieweit")).text
            assert asked.count("<fieldset") == len(load_self_check("en").questions)
            result = await stranger.post("/wieweit", data=answers())
            assert result.status_code == 200
            assert "Nothing of this is kept." in result.text
            assert (await stranger.get("/wieweit/ergebnis")).headers["location"] == "/wieweit"

    async def test_what_is_missing_is_named_and_the_rest_stays(self, hub: Hub) -> None:
        given = answers(0)
        left_out = min(given)
        del given[left_out]
        async with hub.browser() as stranger:
            answer = await stranger.post("/wieweit", data=given)
            assert answer.status_code == 422
            assert f'href="#{left_out}"' in answer.text
            assert answer.text.count(" checked>") == len(given)
            assert (await stranger.post("/wieweit", data=answers(99))).status_code == 422


class TestMember:
    async def test_keeps_it_sees_the_change_and_forgets_it(self, hub: Hub) -> None:
        async with hub.writing() as unit:
            await seed_topics(unit.session)
        async with hub.browser("member") as browser, hub.browser("neighbour") as other:
            first = await browser.post("/wieweit", data=answers(0))
            assert first.headers["location"] == "/wieweit/ergebnis"
            await browser.post("/wieweit", data=answers(2))
            result = (await browser.get("/wieweit/ergebnis")).text
            assert "Only you see this." in result
            assert "Before: at the beginning" in result
            assert "/netzwerk?thema=" in result
            assert "You answered these questions on" in (await browser.get("/wieweit")).text
            assert (await other.get("/wieweit/ergebnis")).headers["location"] == "/wieweit"
            await browser.post("/wieweit/loeschen")
            assert (await browser.get("/wieweit/ergebnis")).headers["location"] == "/wieweit"
