"""What a person says about a document is checked; what a file says of itself is only taken where it makes sense."""

from datetime import date

import pytest

from knowledge.kit.clock import today
from knowledge.library.descriptions import WrongDescription, check_description, described_by_file
from knowledge.library.schemas import Description
from knowledge.models.document import Kind, Rights, Visibility


class TestPerson:
    @pytest.mark.parametrize(
        "wrong",
        [
            Description(year=1449),
            Description(year=9999),
            Description(url="javascript:alert(1)"),
            Description(url="https://"),
            Description(url="https://example.org/<script>"),
            Description(url="https://[::1"),
            Description(title="  "),
            Description(publisher="x" * 501),
            Description(topics=("gut", "")),
            Description(language="Deutsch"),
            Description(valid_from=date(2026, 2, 1), valid_until=date(2026, 1, 31)),
            Description(circle="Klima"),
            Description(circle="Klima", visibility=Visibility.PUBLIC),
        ],
        ids=repr,
    )
    def test_what_cannot_be_right_is_refused(self, wrong: Description) -> None:
        with pytest.raises(WrongDescription):
            check_description(wrong)

    def test_what_can_be_right_is_taken(self) -> None:
        right = Description(
            title="Leitfaden",
            year=today().year + 1,
            url="https://example.org/a?b=c",
            language="en",
            valid_from=date(2026, 1, 1),
            valid_until=date(2026, 1, 1),
        )
        assert check_description(right) == right


class TestFile:
    def test_it_describes_itself(self) -> None:
        said = described_by_file({"kind": "training", "year": "2024", "topics": "Wald, Wasser", "language": "de-DE"})
        assert (said.kind, said.year, said.topics, said.language) == (Kind.TRAINING, 2024, ("Wald", "Wasser"), "de")

    def test_it_does_not_decide_who_finds_it_or_what_is_shown(self) -> None:
        said = described_by_file({"visibility": "public", "rights": "full", "access": "public", "status": "published"})
        assert (said.visibility, said.rights) == (None, None)
        over = Description(visibility=Visibility.HOUSE, rights=Rights.LINK).over(said)
        assert (over.visibility, over.rights) == (Visibility.HOUSE, Rights.LINK)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("kind", "secret"),
            ("year", "99999999999999999999"),
            ("year", "²"),
            ("url", "javascript:alert(1)"),
            ("valid_from", "gestern"),
            ("language", "1"),
        ],
    )
    def test_nonsense_is_passed_over(self, name: str, value: str) -> None:
        assert getattr(described_by_file({name: value}), name) is None
