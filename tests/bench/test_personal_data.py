"""The finder of personal data holds its targets on the sentences that were written before it."""

from bench.personal_data import Judged, Sentence, judge, read_sentences, score
from knowledge.personal_data.schemas import Finding, FindingKind


def label(text: str, part: str, kind: FindingKind) -> Finding:
    start = text.index(part)
    return Finding(kind, start, start + len(part), part)


class TestHeldOutSentences:
    def test_hold_the_targets(self) -> None:
        sentences = read_sentences()

        result = score([judge(sentence) for sentence in sentences])

        assert len(sentences) == 300
        assert sum(not sentence.labels for sentence in sentences) == 150
        assert result.recall >= 0.95
        assert result.precision >= 0.85


class TestJudge:
    def test_takes_half_of_a_label_for_found(self) -> None:
        text = "Sie wohnt in der Hauptstraße 5, sagt Frau Krause."
        wide = label(text, "der Hauptstraße 5, sagt", FindingKind.ADDRESS)

        judged = judge(Sentence(text, (wide, label(text, "Krause", FindingKind.MAIL))))

        assert [finding.text for finding in judged.right] == [wide.text]
        assert [finding.kind for finding in judged.missed] == [FindingKind.MAIL]
        assert [finding.text for finding in judged.wrong] == ["Krause"]

    def test_counts_by_kind(self) -> None:
        name = label("Krause", "Krause", FindingKind.NAME)
        judged = [Judged("Krause", (name,), (), ()), Judged("Krause", (), (name,), (name,))]

        assert (score(judged).recall, score(judged, FindingKind.NAME).precision) == (0.5, 0.5)
        assert score(judged, FindingKind.MAIL).right == 0
