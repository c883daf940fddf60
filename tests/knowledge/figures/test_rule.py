"""Is nothing told of fewer than three people, also not by a difference?"""

import random
from datetime import UTC, datetime
from uuid import UUID

from knowledge.figures.rule import cells_to_tell, may_be_told, people_in, with_rest
from knowledge.figures.schemas import FEWEST, REST, Seen
from knowledge.kit.ids import new_id

AT = datetime(2026, 5, 4, 10, tzinfo=UTC)
ANNA, BEN, CEM, DORA = (new_id() for _ in range(4))


def did(*people: UUID | None, part: str = "x") -> list[Seen]:
    """Return something that each of some people did."""
    return [Seen(new_id(), AT, part, person) for person in people]


class TestPeople:
    def test_who_did_it_twice_is_one(self) -> None:
        assert people_in(did(ANNA, ANNA, BEN)) == 2

    def test_of_whom_nobody_can_tell_is_nobody(self) -> None:
        assert people_in(did(None, None, None, ANNA)) == 1

    def test_three_are_enough_and_no_more_is_said(self) -> None:
        assert people_in(did(ANNA, BEN, CEM, DORA)) == FEWEST

    def test_what_is_certainly_of_different_people_counts_without_names(self) -> None:
        answer, other = new_id(), new_id()
        assert people_in([Seen(new_id(), AT, together=answer) for _ in range(3)]) == 3
        assert people_in([Seen(new_id(), AT, together=one) for one in (answer, other, other)]) == 2

    def test_the_same_vote_seen_twice_is_one(self) -> None:
        vote = Seen(new_id(), AT, together=new_id())
        assert people_in([vote, vote, vote]) == 1

    def test_nobody_may_be_told_of_and_two_may_not(self) -> None:
        assert may_be_told([])
        assert not may_be_told(did(ANNA, BEN))
        assert not may_be_told(did(None))
        assert may_be_told(did(ANNA, BEN, CEM))
        assert may_be_told(did(None), bound=3)


class TestCells:
    def test_two_small_cells_of_three_people_together_are_the_rest(self) -> None:
        cells = {"large": did(ANNA, BEN, CEM, DORA), "a": did(new_id()), "b": did(new_id(), new_id())}
        told = cells_to_tell(cells, {})
        assert told == {"large"}
        assert with_rest(cells, told) == {"large": 4, REST: 3}

    def test_a_single_small_cell_takes_the_smallest_other_with_it(self) -> None:
        cells = {"large": did(ANNA, BEN, CEM, DORA), "middle": did(ANNA, BEN, CEM), "small": did(DORA)}
        told = cells_to_tell(cells, {})
        assert told == {"large"}
        assert with_rest(cells, told) == {"large": 4, REST: 4}

    def test_without_small_cells_everything_is_told(self) -> None:
        cells = {"a": did(ANNA, BEN, CEM), "b": did(ANNA, BEN, DORA)}
        assert with_rest(cells, cells_to_tell(cells, {})) == {"a": 3, "b": 3}

    def test_the_same_person_in_two_small_cells_is_one(self) -> None:
        cells = {"large": did(ANNA, BEN, CEM), "a": did(DORA), "b": did(DORA), "c": did(DORA)}
        assert cells_to_tell(cells, {}) == frozenset()

    def test_whatever_happened_the_whole_less_what_is_told_is_of_three(self) -> None:
        chance, told_of = random.Random(5), 0
        everybody = [new_id() for _ in range(12)]
        for _ in range(400):
            cells = {str(cell): did(*chance.choices(everybody, k=chance.randrange(7))) for cell in range(6)}
            told = cells_to_tell(cells, {})
            left = {row.person for key, rows in cells.items() if key not in told for row in rows}
            assert len(left) not in (1, 2)
            assert all(len({row.person for row in cells[key]}) >= FEWEST for key in told)
            told_of += len(told)
        assert told_of > 100
