"""The sixteen states."""

import pytest

from knowledge.organisations.states import STATES, UnknownState, find_state, state_name


class TestFindState:
    @pytest.mark.parametrize("text", ["12", "BB", "bb", "DE-BB", "Brandenburg", " brandenburg "])
    def test_by_key_abbreviation_or_name(self, text: str) -> None:
        assert find_state(text) == "12"

    def test_takes_the_key_without_its_zero(self) -> None:
        assert find_state("9") == "09"

    @pytest.mark.parametrize("text", ["", "00", "17", "XX", "Preußen", "B" * 500])
    def test_refuses_others_and_names_the_known(self, text: str) -> None:
        with pytest.raises(UnknownState, match="Thüringen"):
            find_state(text)

    def test_has_sixteen_of_them(self) -> None:
        assert len(STATES) == len({name for _abbreviation, name in STATES.values()}) == 16
        assert state_name("16") == "Thüringen"
        assert state_name(None) is None
