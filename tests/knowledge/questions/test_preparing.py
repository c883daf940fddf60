"""What is looked at before a question is released: findings, topics, and who asked the same."""

import json
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import numpy as np
import pytest

from knowledge.access.visibility import anybody
from knowledge.gaps.likeness import UNRELATED, read_wording
from knowledge.kit.errors import Unavailable
from knowledge.kit.settings import AnswerSettings
from knowledge.library.answers.service import AnswerService
from knowledge.library.indexes.port import Embedded
from knowledge.models.document import Visibility
from knowledge.models.question import OpenQuestion
from knowledge.questions.errors import QuestionInvalid
from knowledge.questions.preparing import nearest_of, prepare_question
from knowledge.questions.schemas import PreparedQuestion, ReleaseWishes
from tests.bot.core.world import NoIndexes
from tests.knowledge.questions.network import NetworkOfTowns, Person

SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
SET = Path(__file__).resolve().parents[3] / "bench" / "data" / "gap_questions.jsonl"


class Meanings(NoIndexes):
    """Knows a few words that mean the same; all other texts point elsewhere."""

    same = ("hund", "vierbeiner")

    async def embed(self, texts: Sequence[str]) -> Embedded | None:
        vectors = np.zeros((len(texts), len(UNRELATED) + 2), dtype=np.float32)
        for row, text in enumerate(texts):
            place = UNRELATED.index(text) if text in UNRELATED else -1
            vectors[row, -2 if any(word in text.casefold() for word in self.same) else place] = 1.0
        return Embedded("meanings", vectors)


class Away(NoIndexes):
    """Another process holds the model, and does not answer."""

    async def embed(self, texts: Sequence[str]) -> Embedded | None:
        raise Unavailable(f"{len(texts)} texts for nobody")


async def prepare(
    net: NetworkOfTowns, by: Person, text: str, indexes: NoIndexes | None = None, *, abroad: bool = False
) -> PreparedQuestion:
    """Look at a question of somebody."""
    answers = AnswerService(net.database, indexes or NoIndexes(), AnswerSettings())
    viewer = anybody() if abroad else by.reader.viewer
    return await prepare_question(answers, net.database, text, viewer, member_id=by.id)


@SQLITE
class TestPreparing:
    async def test_findings_and_topics_are_part_of_it(self, net: NetworkOfTowns) -> None:
        prepared = await prepare(net, net.kim, " Weiß Frau Erika Musterfrau, wie die E-Akte geht? ")
        assert prepared.text == "Weiß Frau Erika Musterfrau, wie die E-Akte geht?"
        assert "Erika" in {finding.text for finding in prepared.findings}
        assert [topic.name for topic in prepared.topics] == ["E-Akte"]
        assert (prepared.vector, prepared.similar) == (None, ())

    async def test_nothing_is_refused(self, net: NetworkOfTowns) -> None:
        with pytest.raises(QuestionInvalid):
            await prepare(net, net.kim, " ")


@SQLITE
class TestSimilar:
    async def test_what_others_asked_in_much_the_same_words_is_shown(self, net: NetworkOfTowns) -> None:
        other = await net.person("Olga", await net.town("120640001002"))
        asked = await net.release("Wie hoch ist bei euch die Hundesteuer für den zweiten Hund?")
        await net.release("Wer pflegt die Bäume am Sportplatz?")
        await net.release("Hundesteuer für zwei Hunde?", by=other)
        prepared = await prepare(net, other, "Was kostet der zweite Hund an Hundesteuer?")
        assert [entry.id for entry in prepared.similar] == [asked.id]

    async def test_abroad_only_what_is_public_is_shown(self, net: NetworkOfTowns) -> None:
        other = await net.person("Olga", await net.town("120640001002"))
        await net.release("Wie hoch ist die Hundesteuer?")
        public = await net.release("Hundesteuer: wie hoch?", wishes=ReleaseWishes(visibility=Visibility.PUBLIC))
        prepared = await prepare(net, other, "Wie hoch ist die Hundesteuer?", abroad=True)
        assert [entry.id for entry in prepared.similar] == [public.id]

    async def test_a_model_finds_other_words_too(self, net: NetworkOfTowns) -> None:
        other = await net.person("Olga", await net.town("120640001002"))
        first = await prepare(net, net.kim, "Was zahlt ein Vierbeiner?", Meanings())
        assert first.model == "meanings"
        async with net.questions() as questions:
            asked = await questions.release(net.kim.author, first, ReleaseWishes())
        words = "Hundesteuersatz?"
        assert (await prepare(net, other, words)).similar == ()
        assert [entry.id for entry in (await prepare(net, other, words, Meanings())).similar] == [asked.id]
        assert (await prepare(net, other, words, Away())).similar == ()
        await net.set(OpenQuestion, asked.id, model="an older one")
        assert (await prepare(net, other, words, Meanings())).similar == ()


class TestLine:
    def test_most_who_ask_the_same_in_other_words_are_shown_it(self) -> None:
        lines = [json.loads(line) for line in SET.read_text("utf-8").splitlines()]
        assert len(lines) > 100
        found = wrong = 0
        tried = list(enumerate(lines))[::3]
        for number, line in tried:
            others = [
                (UUID(int=place), one["question"], None, None) for place, one in enumerate(lines) if place != number
            ]
            shown = [lines[key.int]["gap"] == line["gap"] for key in nearest_of(read_wording(line["question"]), others)]
            found += any(shown)
            wrong += shown.count(False)
        assert found / len(tried) >= 0.9
        assert wrong / len(tried) <= 0.6
