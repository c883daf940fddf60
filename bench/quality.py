"""How well the library ranks, judges and quotes: ``python -m bench.quality --data FOLDER``.

Everything goes through the command line and the services that people use. Short forms run in the tests.
"""

import argparse
import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, median
from tempfile import TemporaryDirectory

from bench.datasets import (
    SAMPLES,
    Question,
    QuestionSet,
    read_distractors,
    read_sample_questions,
    read_xquad,
    write_articles,
    write_passages,
)
from bench.figures import auroc, balanced_accuracy, bootstrap_interval, calibration_error, ndcg, print_table
from bench.runs import Library, scratch_library
from knowledge.access.visibility import network_member
from knowledge.kit.database import Database
from knowledge.kit.settings import load_settings
from knowledge.library.answers.confidence import ANSWER_LINE
from knowledge.library.answers.schemas import Reply
from knowledge.library.answers.service import AnswerService
from knowledge.library.indexes.access import LibraryIndexes

SPLITS = 5
CORPUS_QUESTIONS = (
    ("Wie viele der sechshundert Maßnahmen im Smart-Cities-Programm erwähnen ausdrücklich KI?", "workshop", ("sechs",)),
    (
        "In welche Risikoklasse des AI-Act fallen Chatbots, und welche Pflicht folgt daraus?",
        "sgk",
        ("Risikoklasse 2", "Transparenzpflicht"),
    ),
    (
        "Welche Städte werden als Beispiele für Verkehrsfluss, Verkehrssteuerung und Wetterprognose genannt?",
        "codina",
        ("Kaiserslautern", "Darmstadt", "Solingen"),
    ),
    ("Welche drei Wirkdimensionen hat KI für die Stadt- und Regionalplanung?", "colab", ()),
    ("Wie hoch ist der Hebesatz der Gewerbesteuer in Potsdam?", None, ()),
)


@dataclass(frozen=True, slots=True)
class Ranking:
    """nDCG@10 of each question that has an answer."""

    values: list[float]

    @property
    def mean(self) -> float:
        """The mean over all questions."""
        return fmean(self.values)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Confidences of questions that the library answers and of those that it cannot."""

    answerable: list[float]
    unanswerable: list[float]

    @property
    def area(self) -> float:
        """AUROC."""
        return auroc(self.answerable, self.unanswerable)

    @property
    def accuracy(self) -> float:
        """Balanced accuracy at the line that answers are given from."""
        return balanced_accuracy(self.answerable, self.unanswerable, line=ANSWER_LINE)

    @property
    def calibration(self) -> float:
        """Expected calibration error."""
        return calibration_error(self.answerable, self.unanswerable)


@dataclass(frozen=True, slots=True)
class Quotations:
    """Whether each question's quotations contain an answer text, and how many characters were shown."""

    right: list[bool]
    lengths: list[int]


def fill(library: Library, passages: QuestionSet, distractors: Sequence[str] = ()) -> None:
    """Import passages, each as a Markdown file, and distracting articles beside them."""
    with TemporaryDirectory(prefix="allmende-files-") as folder:
        write_passages(passages.passages, Path(folder) / "passages")
        write_articles(distractors, Path(folder) / "news")
        library.add(Path(folder) / "passages")
        if distractors:
            library.add(Path(folder) / "news")


def measure_ranking(library: Library, questions: Sequence[Question]) -> Ranking:
    """Rank through ``allmende search``; a document counts where its first passage comes."""
    asked = [question for question in questions if question.target]
    replies = library.search([question.text for question in asked])
    return Ranking(
        [
            ndcg([result["source"].removesuffix(".md") for result in reply["results"]], str(question.target))
            for question, reply in zip(asked, replies, strict=True)
        ]
    )


def measure_judgement(library: Library, questions: Sequence[Question]) -> Judgement:
    """Compare the confidences of ``allmende search`` with what the library really holds."""
    replies = library.search([question.text for question in questions], limit=1)
    scored = [(question.target, reply["confidence"]) for question, reply in zip(questions, replies, strict=True)]
    return Judgement(
        [score for target, score in scored if target], [score for target, score in scored if target is None]
    )


def half_of_the_articles(whole: QuestionSet, *, seed: int) -> QuestionSet:
    """Return a random half of the articles with the questions on all of them."""
    articles = whole.articles()
    return whole.within(random.Random(seed).sample(articles, len(articles) // 2))


def ask_all(library: Library, questions: Sequence[str]) -> list[Reply]:
    """Ask in one process, as a chat does."""

    async def work() -> list[Reply]:
        settings = load_settings()
        settings = replace(settings, storage=settings.storage.model_copy(update={"data_dir": library.folder}))
        database = Database(settings.database_url)
        try:
            async with LibraryIndexes(settings, database, say=lambda _text: None) as indexes:
                answers = AnswerService(database, indexes, settings.answers)
                return [await answers.ask(question, network_member()) for question in questions]
        finally:
            await database.close()

    return asyncio.run(work())


def measure_quotations(library: Library, questions: Sequence[Question]) -> Quotations:
    """See whether what is shown contains one of the answer texts; an abstention does not."""
    replies = ask_all(library, [question.text for question in questions])
    shown = [" ".join(" ".join(item.quote or "" for item in reply.citations).split()).lower() for reply in replies]
    right = [
        any(" ".join(answer.split()).lower() in text for answer in question.answers)
        for question, text in zip(questions, shown, strict=True)
    ]
    lengths = [sum(len(item.quote or "") for item in reply.citations) for reply in replies if reply.answered]
    return Quotations(right, lengths)


@dataclass(frozen=True, slots=True)
class SampleFigures:
    """Shares on the sample library.

    ``right_first``: the right document comes first, as the answer's source or, below the line, as the nearest one;
    ``answered``: it comes first in an answer; ``abstained``: no answer where nothing answers.
    """

    right_first: float
    answered: float
    abstained: float
    mistakes: list[str]


def measure_samples(library: Library, questions: Sequence[Question]) -> SampleFigures:
    """Ask the sample library's own questions."""
    library.add(SAMPLES / "library")
    replies = ask_all(library, [question.text for question in questions])
    first: list[bool] = []
    answered: list[bool] = []
    abstained: list[bool] = []
    mistakes: list[str] = []
    for question, reply in zip(questions, replies, strict=True):
        nearest = next((item.source for item in (*reply.citations, *reply.suggestions)), None)
        if question.target is None:
            abstained.append(not reply.answered)
        else:
            first.append(nearest == question.target)
            answered.append(reply.answered and nearest == question.target)
        if reply.answered != bool(question.target) or (question.target and nearest != question.target):
            kind = "answered" if reply.answered else "abstained"
            mistakes.append(f"{kind} {reply.confidence:.2f}  {question.text}  {nearest}  (wanted {question.target})")
    return SampleFigures(fmean(first), fmean(answered), fmean(abstained), mistakes)


def measure_corpus(library: Library, corpus: Path) -> list[tuple[str, bool, str]]:
    """Ask a newcomer's five questions of the real literature; the last one has no answer there."""
    library.add(*sorted(path for path in corpus.iterdir() if path.name != "README.md"))
    replies = ask_all(library, [question for question, _file, _words in CORPUS_QUESTIONS])
    rows = []
    for (question, file, words), reply in zip(CORPUS_QUESTIONS, replies, strict=True):
        if file is None:
            rows.append((question, not reply.answered, "(abstained)" if not reply.answered else reply.text))
            continue
        right = reply.answered and reply.citations[0].source.startswith(file)
        right = right and all(word in reply.text for word in words)
        rows.append((question, right, reply.text))
    return rows


def _judgement_rows(whole: QuestionSet, distractors: Sequence[str]) -> list[list[str]]:
    rows = []
    for name, extra in (("240 passages, half imported", ()), ("the same among news articles", distractors)):
        parts = []
        for seed in range(1, SPLITS + 1 if not extra else 2):
            half = half_of_the_articles(whole, seed=seed)
            with scratch_library() as library:
                fill(library, half, extra)
                parts.append(measure_judgement(library, half.questions))
        figures = [fmean(values) for values in zip(*((p.area, p.accuracy, p.calibration) for p in parts), strict=True)]
        rows.append([f"answerable or not, {name}", *(f"{figure:.3f}" for figure in figures)])
    return rows


def _ranking_row(name: str, ranking: Ranking, goal: str) -> list[str]:
    low, high = bootstrap_interval(ranking.values)
    return [f"nDCG@10, {name}", f"{ranking.mean:.4f}", f"{low:.3f} to {high:.3f}", goal]


def main() -> None:
    """Measure everything and print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with xquad-de-dev.json and distractors.csv")
    parser.add_argument("--corpus", type=Path, help="folder with real literature")
    arguments = parser.parse_args()
    whole, distractors = read_xquad(arguments.data), read_distractors(arguments.data)
    rows = []
    with scratch_library() as library:
        fill(library, whole)
        rows.append(_ranking_row("240 passages", measure_ranking(library, whole.questions), "≥ 0.956"))
        quotations = measure_quotations(library, whole.questions)
        fill(library, whole, distractors)
        rows.append(_ranking_row("among news articles", measure_ranking(library, whole.questions), "≥ 0.925"))
    print_table("Ranking", rows, head=["what", "measured", "95 % interval", "to reach"])
    share, characters = fmean(quotations.right), median(quotations.lengths)
    print_table(
        "Quotations",
        [[f"{share:.3f}", f"{characters:.0f}"], ["≥ 0.80", "≤ 350"]],
        head=["contain an answer text", "median characters shown"],
    )
    goal = ["to reach", "≥ 0.97", "≥ 0.92", "≤ 0.06"]
    rows = [*_judgement_rows(whole, distractors), goal]
    print_table("Answerable or not", rows, head=["what", "AUROC", "balanced accuracy", "calibration error"])
    with scratch_library() as library:
        samples = measure_samples(library, read_sample_questions())
    print_table(
        "Sample library",
        [
            [f"{samples.right_first:.3f}", f"{samples.answered:.3f}", f"{samples.abstained:.3f}"],
            ["≥ 0.90", "", "≥ 0.90"],
        ],
        head=["right document first", "answered with it", "abstains where it must"],
    )
    print("\n".join(["", *samples.mistakes]))
    if arguments.corpus:
        with scratch_library() as library:
            answers = measure_corpus(library, arguments.corpus)
        rows = [[question, "yes" if right else "NO"] for question, right, _text in answers]
        print_table("Real literature", rows, head=["question", "right file first, answered rightly"])


if __name__ == "__main__":
    main()
