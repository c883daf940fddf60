"""A text that stands in several documents is quoted once."""

from uuid import UUID

from knowledge.library.answers.quoting import group_duplicates
from knowledge.library.text.duplicates import fingerprint

ONE, COPY, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
MINUTES = "Der Rat beschließt die Satzung. Die Kosten trägt die Gemeinde. Der Bauhof stellt die Lampen auf. " * 3


class TestGroups:
    def test_a_copy_belongs_to_the_first_of_them(self) -> None:
        marks = {ONE: fingerprint(MINUTES), COPY: fingerprint(MINUTES.replace("Lampen", "Leuchten"))}
        groups = group_duplicates([ONE, COPY], marks)
        assert groups[ONE] == groups[COPY] == ONE.hex

    def test_another_text_stands_alone(self) -> None:
        other = "Die Kita öffnet um sieben Uhr und schließt um siebzehn Uhr, freitags früher. " * 3
        groups = group_duplicates([ONE, OTHER], {ONE: fingerprint(MINUTES), OTHER: fingerprint(other)})
        assert groups[ONE] != groups[OTHER]

    def test_texts_without_a_fingerprint_are_no_copies_of_each_other(self) -> None:
        groups = group_duplicates([ONE, OTHER], {})
        assert groups[ONE] != groups[OTHER]
