"""The sets that are measured on, read from the folder that ``--data`` names; none of them is part of the project.

Their public sources are named in ``docs/measurements.md``.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge.kit.settings import PROJECT

SAMPLES = PROJECT / "samples"


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage of the question set, with the article that it is from."""

    id: str
    article: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the passage (or document) that answers it (``None``: nothing does), and what an answer contains."""

    text: str
    target: str | None
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Passages and questions on them."""

    passages: tuple[Passage, ...]
    questions: tuple[Question, ...]

    def articles(self) -> list[str]:
        """Return the names of the articles, in order."""
        return sorted({passage.article for passage in self.passages})

    def within(self, articles: Sequence[str]) -> "QuestionSet":
        """Return only these articles' passages, with all questions; a question without its passage has no target."""
        kept = tuple(passage for passage in self.passages if passage.article in set(articles))
        keys = {passage.id for passage in kept}
        asked = tuple(
            question if question.target in keys else Question(question.text, None, question.answers)
            for question in self.questions
        )
        return QuestionSet(kept, asked)

    def sample(self, count: int, *, seed: int) -> "QuestionSet":
        """Return the same passages with ``count`` of the questions."""
        chosen = random.Random(seed).sample(self.questions, min(count, len(self.questions)))
        return QuestionSet(self.passages, tuple(chosen))


def read_xquad(folder: Path) -> QuestionSet:
    """Read ``xquad-de-dev.json``: 240 German passages and 612 questions."""
    content = json.loads((folder / "xquad-de-dev.json").read_text(encoding="utf-8"))
    passages = tuple(Passage(item["id"], item["article"], item["text"]) for item in content["passages"])
    questions = tuple(
        Question(item["question"], item["passage"], tuple(item["answers"])) for item in content["questions"]
    )
    return QuestionSet(passages, questions)


def read_distractors(folder: Path) -> list[str]:
    """Read ``distractors.csv``: German news articles, one a line (``label;'text'``)."""
    lines = (folder / "distractors.csv").read_text(encoding="utf-8").splitlines()
    return [text.strip("'") for _label, semicolon, text in (line.partition(";") for line in lines) if semicolon]


def read_sample_questions() -> list[Question]:
    """Read the questions on the sample library; the target is a source, or ``None`` where nothing answers."""
    files = sorted(SAMPLES.glob("questions-*.jsonl"))
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    items = [item for item in map(json.loads, lines) if "follow_up" not in item]
    return [Question(item["question"], item["document"]) for item in items]


def write_passages(passages: Sequence[Passage], folder: Path) -> None:
    """Write each passage as a Markdown file of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for passage in passages:
        (folder / f"{passage.id}.md").write_text(passage.text + "\n", encoding="utf-8")


def write_articles(articles: Sequence[str], folder: Path) -> None:
    """Write each distracting article as a Markdown file of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, text in enumerate(articles):
        (folder / f"news-{number:04}.md").write_text(text + "\n", encoding="utf-8")
