"""What an answer says of an experience beside its words."""

import pytest

from knowledge.kit.language import choose_language
from knowledge.library.experiences import facts, size_class, size_text
from knowledge.models.document import Document, Kind
from knowledge.models.organisation import Organisation


@pytest.fixture(autouse=True)
def english() -> None:
    choose_language("en")


def experience(**details: str) -> Document:
    return Document(kind=Kind.EXPERIENCE, details=details)


class TestFacts:
    def test_size_how_far_and_whether_again(self) -> None:
        said = facts(experience(status="failed", would_do_again="no"), Organisation(population=4120))
        assert said == ["2,000 to 5,000 inhabitants", "failed", "they would not do it again"]

    def test_nothing_is_made_up(self) -> None:
        assert facts(experience(), None) == []
        assert facts(experience(status="<b>odd</b>"), Organisation(population=None)) == []

    def test_other_documents_have_none(self) -> None:
        assert facts(Document(kind=Kind.LITERATURE, details={"status": "running"}), Organisation(population=9)) == []


class TestSizes:
    @pytest.mark.parametrize(
        ("population", "bounds"),
        [(1, (0, 2_000)), (2_000, (0, 2_000)), (2_001, (2_000, 5_000)), (500_001, (500_000, None))],
    )
    def test_ends_belong_to_the_lower_class(self, population: int, bounds: tuple[int, int | None]) -> None:
        assert size_class(population) == bounds

    def test_in_words(self) -> None:
        assert size_text(900) == "up to 2,000 inhabitants"
        assert size_text(3_600_000) == "more than 500,000 inhabitants"
