"""German-like texts of any length, made from a seed: for measuring time and space, never quality.

Words come as often as they do in the sample library; a tail of compounds, made by joining its nouns, stands in for the
rare words that a large library has, so that stems, grams and their frequencies behave as with real texts.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from bench.datasets import SAMPLES
from knowledge.library.text.analysis import is_function_word, words_of

COMPOUNDS = 60_000
# Of all words in running text; that many are compounds that the sample library does not have.
TAIL_SHARE = 0.08
# Zipf's law for the tail: the n-th compound comes as often as 1 / (n + this).
TAIL_BEGINS = 50
WORDS_OF_PASSAGE = (60, 110)
WORDS_OF_SENTENCE = (8, 20)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words and, running up, how often each comes."""

    words: tuple[str, ...]
    weights: tuple[float, ...]

    @classmethod
    def of_samples(cls, *, seed: int, compounds: int = COMPOUNDS) -> "Vocabulary":
        """Read the sample library's words and join some of them."""
        counts = Counter(word for file in sample_files() for word in words_of(file.read_text(encoding="utf-8")))
        head = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        tail = _compounds([word for word, _count in head], random.Random(seed), compounds)
        factor = TAIL_SHARE / (1 - TAIL_SHARE) * counts.total() / (sum(weight for _word, weight in tail) or 1.0)
        pairs = [*head, *((word, weight * factor) for word, weight in tail)]
        return cls(tuple(word for word, _weight in pairs), tuple(accumulate(weight for _word, weight in pairs)))


def sample_files() -> list[Path]:
    """Return the German texts of the sample library."""
    return sorted(file for file in (SAMPLES / "library").rglob("*.md") if file.parent.name != "english")


def _compounds(words: list[str], chance: random.Random, count: int) -> list[tuple[str, float]]:
    nouns = [word for word in words if word.istitle() and len(word) > 4 and not is_function_word(word)]
    joined = (chance.choice(nouns) + chance.choice(("", "s")) + chance.choice(nouns).lower() for _each in range(count))
    known = set(words)
    distinct = dict.fromkeys(word for word in joined if word not in known)
    return [(word, 1 / (rank + TAIL_BEGINS)) for rank, word in enumerate(distinct, start=1)]


class TextMaker:
    """Makes texts, the same from the same seed."""

    def __init__(self, seed: int, vocabulary: Vocabulary | None = None) -> None:
        self._chance = random.Random(seed)
        self._vocabulary = vocabulary or Vocabulary.of_samples(seed=seed)

    def words(self, count: int) -> list[str]:
        """Return words as they come in running text."""
        return self._chance.choices(self._vocabulary.words, cum_weights=self._vocabulary.weights, k=count)

    def passage(self) -> str:
        """Return a paragraph of some sentences, 60 to 110 words, which the library keeps as one passage."""
        words, sentences = self.words(self._chance.randint(*WORDS_OF_PASSAGE)), []
        while words:
            length = self._chance.randint(*WORDS_OF_SENTENCE)
            # Short leftovers join the last sentence.
            length = len(words) if len(words) - length < WORDS_OF_SENTENCE[0] else length
            sentence, words = words[:length], words[length:]
            sentences.append(" ".join(sentence)[0].upper() + " ".join(sentence)[1:] + ".")
        return " ".join(sentences)

    def heading(self) -> str:
        """Return a few words that begin with a capital letter."""
        text = " ".join(self.words(self._chance.randint(3, 6)))
        return text[0].upper() + text[1:]

    def markdown(self, passages: int) -> Iterator[str]:
        """Yield the parts of a Markdown document: a title, then one section for each passage."""
        yield f"# {self.heading()}"
        for _each in range(passages):
            yield f"## {self.heading()}"
            yield self.passage()


def write_markdown(folder: Path, *, files: int, passages: int, seed: int) -> None:
    """Write Markdown files of ``passages`` passages each."""
    folder.mkdir(parents=True, exist_ok=True)
    maker = TextMaker(seed)
    for number in range(files):
        text = "\n\n".join(maker.markdown(passages))
        (folder / f"text-{number:04}.md").write_text(text + "\n", encoding="utf-8")


def write_pdf(file: Path, *, pages: int, seed: int) -> str:
    """Write a PDF with a running head, page numbers and five paragraphs a page; returns a word of its last page alone.

    Needs reportlab, which comes with what the tests need.
    """
    from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]  # it ships no types
    from reportlab.lib.styles import getSampleStyleSheet  # type: ignore[import-untyped]
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer  # type: ignore[import-untyped]

    maker, styles, secret = TextMaker(seed), getSampleStyleSheet(), "Zwiebelfischgasse"
    story = []
    for page in range(1, pages + 1):
        story.append(Paragraph(maker.heading(), styles["Heading2"]))
        for _each in range(5):
            story += [Paragraph(maker.passage(), styles["Normal"]), Spacer(1, 8)]
        if page == pages:
            story.append(Paragraph(f"Die Anlaufstelle liegt seit dem Umbau in der {secret}.", styles["Normal"]))
        story.append(PageBreak())

    def decorate(canvas: object, document: object) -> None:
        number = getattr(document, "page")  # noqa: B009 - reportlab has no types
        draw = getattr(canvas, "drawString")  # noqa: B009
        draw(70, A4[1] - 40, "Jahresbericht der Musterverwaltung")
        draw(280, 30, f"Seite {number}")

    SimpleDocTemplate(str(file), pagesize=A4).build(story, onFirstPage=decorate, onLaterPages=decorate)
    return secret
