"""What people have to look at is limited: whoever sends too much is told when there is room again."""

from collections.abc import Iterator

from hub.api.app import api_routes
from hub.app import acting_routes
from knowledge.kit.errors import AllmendeError
from knowledge.kit.often import TooOften
from knowledge.questions.limits import MOST_A_WEEK, WEEK
from tests.hub.api.programs import calling
from tests.hub.signed_in import Hub


def kinds(error: type[AllmendeError]) -> Iterator[type[AllmendeError]]:
    """Yield all errors below one."""
    for inner in error.__subclasses__():
        yield inner
        yield from kinds(inner)


class TestTelling:
    async def test_a_program_is_told_when_there_is_room_for_a_question_again(self, hub: Hub) -> None:
        async with calling(hub, "member") as api:
            answers = [
                await api.post("/questions", json={"text": f"Wer hat eine Brücke der Art {number}?"})
                for number in range(MOST_A_WEEK + 1)
            ]
        assert [answer.status_code for answer in answers] == [201] * MOST_A_WEEK + [429]
        refused = answers[-1]
        assert refused.json()["code"] == "questions.too_many"
        # The first one was asked just now.
        assert 0.9 < int(refused.headers["retry-after"]) / WEEK.total_seconds() <= 1

    def test_every_such_error_says_how_long_to_wait(self) -> None:
        assert acting_routes()  # whatever raises one is known now
        assert api_routes()
        often = {kind for kind in kinds(AllmendeError) if kind.status == 429}
        assert len(often) > 5
        assert {kind for kind in often if not issubclass(kind, TooOften)} == set()
