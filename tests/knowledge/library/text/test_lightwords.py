"""The two lists of words that count little."""

from knowledge.library.text.lightwords import LIGHT_WORDS
from knowledge.library.text.stopwords import STOP_WORDS


class TestLists:
    def test_no_word_is_in_both(self) -> None:
        assert LIGHT_WORDS
        assert not LIGHT_WORDS & STOP_WORDS

    def test_all_words_are_lower_case(self) -> None:
        assert not [word for word in LIGHT_WORDS | STOP_WORDS if word != word.lower()]

    def test_they_stay_short_lists(self) -> None:
        assert 100 < len(LIGHT_WORDS) < 500
        assert 100 < len(STOP_WORDS) < 500
