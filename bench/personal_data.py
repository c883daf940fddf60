"""How well personal data is found: ``python -m bench.personal_data``.

The 300 sentences of ``bench/data/personal_data.jsonl`` were written before the finder, and nothing is tuned on
single ones. A finding counts as right where its kind is that of a label and it covers at least half of the labelled
text; every finding answers for one label at most.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from bench.figures import print_table
from knowledge.personal_data.finder import find_personal_data
from knowledge.personal_data.schemas import Finding, FindingKind

SENTENCES = Path(__file__).with_name("data") / "personal_data.jsonl"
SHARE = 0.5
# Texts that somebody might make to keep a finder busy, each repeated to the full length.
HOSTILE = (
    "a",
    "A ",
    "1 ",
    "a@a.",
    "(",
    "Az. 1/2, ",
    "geboren am ",
    "Straße 1 ",
    "Am Anger 1, ",
    "Herr ",
    "B-AB 12 ",
    "J. ",
)
LENGTH = 100_000


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and what is labelled in it."""

    text: str
    labels: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one sentence: labels that were found and missed, and findings that answer for no label."""

    text: str
    right: tuple[Finding, ...]
    missed: tuple[Finding, ...]
    wrong: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """How many labels were found, and how many were missed; how many findings were wrong."""

    right: int
    missed: int
    wrong: int

    @property
    def recall(self) -> float:
        """The share of the labels that were found."""
        return self.right / max(1, self.right + self.missed)

    @property
    def precision(self) -> float:
        """The share of the findings that are right."""
        return self.right / max(1, self.right + self.wrong)


def read_sentences(file: Path = SENTENCES) -> list[Sentence]:
    """Read the sentences with their labels, which are listed in the order of the text."""
    items = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [Sentence(item["text"], _labels(item["text"], item["findings"])) for item in items]


def _labels(text: str, findings: Sequence[dict[str, str]]) -> tuple[Finding, ...]:
    labels, position = [], 0
    for finding in findings:
        start = text.index(finding["text"], position)
        position = start + len(finding["text"])
        labels.append(Finding(FindingKind(finding["kind"]), start, position, finding["text"]))
    return tuple(labels)


def judge(sentence: Sentence) -> Judged:
    """Compare what is found in a sentence with its labels."""
    left, right, missed = find_personal_data(sentence.text), [], []
    for label in sentence.labels:
        answer = next((finding for finding in left if _answers(finding, label)), None)
        if answer is None:
            missed.append(label)
        else:
            left.remove(answer)
            right.append(label)
    return Judged(sentence.text, tuple(right), tuple(missed), tuple(left))


def _answers(finding: Finding, label: Finding) -> bool:
    shared = min(finding.end, label.end) - max(finding.start, label.start)
    return finding.kind is label.kind and shared >= SHARE * (label.end - label.start)


def score(judged: Sequence[Judged], kind: FindingKind | None = None) -> Score:
    """Count over all sentences, for all kinds or for one."""

    def count(findings: Sequence[Finding]) -> int:
        return sum(kind in (None, finding.kind) for finding in findings)

    return Score(
        sum(count(one.right) for one in judged),
        sum(count(one.missed) for one in judged),
        sum(count(one.wrong) for one in judged),
    )


def _row(name: str, result: Score) -> list[str]:
    labels = result.right + result.missed
    return [name, f"{labels}", f"{result.recall:.3f}", f"{result.precision:.3f}", f"{result.missed}", f"{result.wrong}"]


def _print_misses(judged: Sequence[Judged]) -> None:
    for one in judged:
        if one.missed or one.wrong:
            print(f"\n{one.text}")
            print(*(f"  missed {finding.kind}: {finding.text}" for finding in one.missed), sep="\n")
            print(*(f"  wrong {finding.kind}: {finding.text}" for finding in one.wrong), sep="\n")


def _print_speed(sentences: Sequence[Sentence]) -> None:
    """Print how many milliseconds 10,000 characters take: of the sentences, and of texts made to be hard."""
    plain = "\n".join(sentence.text for sentence in sentences)
    texts = {"the sentences": plain, **{f"{piece!r} repeated": piece for piece in HOSTILE}}
    rows = []
    for name, piece in texts.items():
        text = (piece * (LENGTH // len(piece) + 1))[:LENGTH]
        start = perf_counter()
        find_personal_data(text)
        rows.append([name, f"{(perf_counter() - start) * 1000 / (LENGTH / 10_000):.0f}"])
    print_table("Time in a text of 100,000 characters", rows, head=["text", "ms for 10,000 characters"])


def main() -> None:
    """Judge all sentences and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--misses", action="store_true", help="print what was missed and what was wrong, too")
    parser.add_argument("--speed", action="store_true", help="measure only how long texts take")
    arguments = parser.parse_args()
    sentences = read_sentences()
    if arguments.speed:
        find_personal_data("")
        _print_speed(sentences)
        return
    judged = [judge(sentence) for sentence in sentences]
    rows = [_row(kind.value, score(judged, kind)) for kind in FindingKind]
    clean = sum(bool(one.wrong) for one in judged if not one.right and not one.missed)
    print_table(
        "Personal data in 300 sentences",
        [*rows, _row("all", score(judged))],
        head=["kind", "labels", "recall", "precision", "missed", "wrong"],
    )
    print(f"\nClean sentences in which something is found: {clean}")
    if arguments.misses:
        _print_misses(judged)


if __name__ == "__main__":
    main()
