"""Fair use: enough for everybody, and one polite answer to a flood."""

from bot.core.limits import FairUse, Verdict


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def limits(person: int, group: int) -> tuple[FairUse, Clock]:
    clock = Clock()
    return FairUse(person, group, clock=clock), clock


class TestPerson:
    def test_a_flood_is_told_once_and_then_passed_over(self) -> None:
        fair, _clock = limits(3, 100)
        verdicts = [fair.check("anna", None) for _each in range(6)]
        assert verdicts == [Verdict.TAKEN] * 3 + [Verdict.REFUSED] + [Verdict.IGNORED] * 2

    def test_it_is_told_again_in_the_next_minute(self) -> None:
        fair, clock = limits(1, 100)
        assert [fair.check("anna", None) for _each in range(2)] == [Verdict.TAKEN, Verdict.REFUSED]
        clock.seconds = 61
        assert [fair.check("anna", None) for _each in range(2)] == [Verdict.TAKEN, Verdict.REFUSED]

    def test_room_comes_back_little_by_little(self) -> None:
        fair, clock = limits(6, 100)
        for _each in range(7):
            fair.check("anna", None)
        clock.seconds = 10
        assert [fair.check("anna", None) for _each in range(2)] == [Verdict.TAKEN, Verdict.IGNORED]

    def test_others_have_their_own(self) -> None:
        fair, _clock = limits(1, 100)
        fair.check("anna", None)
        assert fair.check("ben", None) is Verdict.TAKEN


class TestGroup:
    def test_many_people_share_what_a_group_may(self) -> None:
        fair, _clock = limits(10, 2)
        verdicts = [fair.check(person, "room") for person in ("a", "b", "c", "d")]
        assert verdicts == [Verdict.TAKEN, Verdict.TAKEN, Verdict.REFUSED, Verdict.IGNORED]
        assert fair.check("c", None) is Verdict.TAKEN
        assert fair.check("c", "other room") is Verdict.TAKEN

    def test_what_the_group_refuses_costs_the_person_nothing(self) -> None:
        fair, _clock = limits(2, 1)
        for _each in range(5):
            fair.check("anna", "room")
        assert fair.check("anna", None) is Verdict.TAKEN
