"""Are gaps closed by what answers them, and by nothing else? ``python -m bench.gaps --data FOLDER``.

Questions that the library cannot answer are asked by three people each. Then other documents are published (articles of
the set that answer none of them, and news), at last those that answer them. After each round the gaps are looked at as
the bot does.
A question counts as closed where its gap is closed with the document that it was written for, and as wrongly closed
where it is closed with another one.

Then the questions of ``bench/data/gap_questions.jsonl``, three wordings each, are put into gaps one after the other.
"""

import argparse
import asyncio
import hashlib
import json
import os
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from sqlalchemy import select

from bench.datasets import Passage, Question, QuestionSet, read_distractors, read_xquad
from bench.figures import print_table
from bench.runs import Library
from knowledge.access.visibility import network_member
from knowledge.conversations.schemas import Anchor
from knowledge.conversations.service import ConversationService
from knowledge.gaps.closing import look_after_gaps
from knowledge.gaps.likeness import UNRELATED, kept_vector, put_together, read_wording, scale_start
from knowledge.kit.database import Database
from knowledge.kit.ids import new_id
from knowledge.kit.logs import configure_logs
from knowledge.kit.migrations import upgrade
from knowledge.kit.settings import Settings, load_settings
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.answers.schemas import PreparedAnswer
from knowledge.library.answers.service import AnswerService
from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.indexes.access import LibraryIndexes
from knowledge.library.schemas import Description
from knowledge.library.service import IncomingFile, LibraryService
from knowledge.models.chat import Chat, ChatIdentity, ChatKind, Network
from knowledge.models.gap import Gap, GapQuestion, GapState

PARAPHRASES = Path(__file__).parent / "data" / "gap_questions.jsonl"
ASKERS = 3


@dataclass(slots=True)
class World:
    """A library and the people who ask it."""

    database: Database
    indexes: LibraryIndexes
    answers: AnswerService
    documents: dict[str, UUID] = field(default_factory=dict)
    people: list[tuple[UUID, UUID]] = field(default_factory=list)

    async def publish(self, texts: Mapping[str, str]) -> None:
        """Publish documents by name, and wait until they are found."""
        async with unit_of_work(self.database) as unit:
            library = LibraryService(unit)
            for name, text in texts.items():
                blocks = tuple(Block("paragraph", part) for part in text.split("\n") if part)
                parsed = ParsedFile(blocks, name, {}, "text/plain")
                content = hashlib.sha256(text.encode()).hexdigest()
                done = await library.take_in(IncomingFile(name, content, len(text), parsed), Description())
                self.documents[name] = UUID(done.document)
        await self.indexes.drain(left=lambda _count: None)

    async def bring_people(self) -> None:
        """Let people come who ask."""
        async with unit_of_work(self.database) as unit:
            for _number in range(ASKERS):
                identity = ChatIdentity(id=new_id(), network=Network.MATRIX, address=f"@{new_id().hex}:bench.test")
                unit.session.add(identity)
                await unit.session.flush()
                chat = Chat(
                    id=new_id(),
                    network=Network.MATRIX,
                    address=f"!{new_id().hex}:bench.test",
                    kind=ChatKind.DIRECT,
                    identity_id=identity.id,
                )
                unit.session.add(chat)
                self.people.append((identity.id, chat.id))

    async def ask(self, prepared: PreparedAnswer) -> list[UUID]:
        """Keep a question and its answer as asked by each of the people; returns the questions' keys."""
        keys = []
        async with unit_of_work(self.database) as unit:
            for identity, chat in self.people:
                asked = replace(prepared, question_id=new_id(), answer_id=new_id())
                anchor = Anchor(chat, None, asked.question_id.hex)
                await ConversationService(unit.session).keep(asked, anchor, asker_id=identity, days=30)
                keys.append(asked.question_id)
        return keys

    async def look(self) -> None:
        """Look after the gaps, as the bot's worker does."""
        await look_after_gaps(self.answers, self.database)


@asynccontextmanager
async def open_world(settings: Settings) -> AsyncIterator[World]:
    """Open an empty library with people who ask it."""
    database = Database(settings.database_url)
    try:
        async with LibraryIndexes(settings, database, say=lambda _text: None) as indexes:
            world = World(database, indexes, AnswerService(database, indexes, settings.answers))
            await world.bring_people()
            yield world
    finally:
        await database.close()


@dataclass(frozen=True, slots=True)
class Plan:
    """What is published when: before anybody asks, then other documents in rounds, then the right ones in rounds."""

    before: Mapping[str, str]
    others: Sequence[Mapping[str, str]]
    right: Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question: whether its gap was open before, and what closed it (``None``: nothing did)."""

    question: Question
    was_open: bool
    closed_with: str | None
    during_others: bool
    mixed: bool

    @property
    def is_right(self) -> bool:
        """Closed with the document that answers it."""
        return self.closed_with == self.question.target

    @property
    def is_wrong(self) -> bool:
        """Closed with another one."""
        return self.closed_with is not None and not self.is_right


def make_plan(whole: QuestionSet, asked: Sequence[Question], news: Sequence[str], *, seed: int, rounds: int) -> Plan:
    """Plan the publications: half of the news before, the other half and all that is not asked for, the rest."""
    chance = random.Random(seed)
    targets = {question.target for question in asked}
    articles = {f"news-{number:04}": text for number, text in enumerate(news)}
    before = dict(list(articles.items())[: len(articles) // 2])
    documents = {passage.id: passage.text for passage in whole.passages}
    others = {name: text for name, text in {**documents, **articles}.items() if name not in {*targets, *before}}
    right = {name: text for name, text in documents.items() if name in targets}
    return Plan(before, _rounds(others, rounds, chance), _rounds(right, rounds, chance))


def by_article(whole: QuestionSet) -> QuestionSet:
    """Return the same questions on whole articles, of five passages each."""
    article_of = {passage.id: passage.article for passage in whole.passages}
    texts: dict[str, list[str]] = {}
    for passage in whole.passages:
        texts.setdefault(passage.article, []).append(passage.text)
    questions = tuple(replace(question, target=article_of[str(question.target)]) for question in whole.questions)
    passages = tuple(Passage(article, article, "\n".join(parts)) for article, parts in texts.items())
    return QuestionSet(passages, questions)


def choose(whole: QuestionSet, count: int, *, seed: int) -> list[Question]:
    """Return questions on a half of the documents, in a chance order; the other half answers none of them."""
    chance = random.Random(seed)
    targets = sorted({str(question.target) for question in whole.questions})
    half = set(chance.sample(targets, len(targets) // 2))
    chosen = [question for question in whole.questions if question.target in half]
    chance.shuffle(chosen)
    # Some are answered by the news already, and are passed over.
    return chosen[: count + count // 4]


def _rounds(texts: Mapping[str, str], count: int, chance: random.Random) -> list[dict[str, str]]:
    names = list(texts)
    chance.shuffle(names)
    return [{name: texts[name] for name in names[start::count]} for start in range(count)]


async def measure_closing(world: World, plan: Plan, asked: Sequence[Question], *, wanted: int) -> list[Outcome]:
    """Ask until so many questions have no answer, publish round after round, and see what closes."""
    await world.publish(plan.before)
    questions: dict[int, list[UUID]] = {}
    for number, question in enumerate(asked):
        prepared = await world.answers.prepare(question.text, network_member())
        if not prepared.reply.answered and len(questions) < wanted:
            questions[number] = await world.ask(prepared)
    await world.look()
    opened = await _standing(world)
    for texts in plan.others:
        await world.publish(texts)
        await world.look()
    between = await _standing(world)
    for texts in plan.right:
        await world.publish(texts)
        await world.look()
    at_last = await _standing(world)
    names = {key: name for name, key in world.documents.items()}
    outcomes = []
    for number, (key, *_others) in questions.items():
        document = at_last[key].document if key in at_last else None
        outcomes.append(
            Outcome(
                asked[number],
                was_open=key in opened and opened[key].state is GapState.OPEN,
                closed_with=names[document] if document else None,
                during_others=key in between and between[key].document is not None,
                mixed=_is_mixed(opened, questions, asked, number),
            )
        )
    return outcomes


@dataclass(frozen=True, slots=True)
class Standing:
    """The gap of a question, its state, and what closed it."""

    gap: UUID
    state: GapState
    document: UUID | None


async def _standing(world: World) -> dict[UUID, Standing]:
    async with unit_of_work(world.database, writes=False) as unit:
        statement = select(GapQuestion.question_id, Gap.id, Gap.state, Gap.document_id)
        rows = (await unit.session.execute(statement.join(Gap, Gap.id == GapQuestion.gap_id))).all()
    return {row[0]: Standing(row[1], row[2], row[3]) for row in rows if row[0]}


def _is_mixed(
    standing: Mapping[UUID, Standing], questions: Mapping[int, list[UUID]], asked: Sequence[Question], number: int
) -> bool:
    """Whether a question shares its gap with one that another article answers."""
    gap = standing[questions[number][0]].gap if questions[number][0] in standing else None
    return any(
        (there := standing.get(keys[0])) and there.gap == gap and asked[other].target != asked[number].target
        for other, keys in questions.items()
    )


# Putting together


@dataclass(frozen=True, slots=True)
class Together:
    """Pairs of wordings: how many mean the same, how many of these are in one gap, and how many others are."""

    same: int
    found: int
    wrong: int

    @property
    def recall(self) -> float:
        """Share of what belongs together that is."""
        return self.found / self.same

    @property
    def precision(self) -> float:
        """Share of what is together that belongs so."""
        return self.found / max(1, self.found + self.wrong)


def read_paraphrases() -> list[tuple[int, str]]:
    """Read the wordings with the number of what they ask."""
    lines = PARAPHRASES.read_text(encoding="utf-8").splitlines()
    return [(item["gap"], item["question"]) for item in map(json.loads, lines)]


async def measure_together(answers: AnswerService, asked: Sequence[tuple[int, str]], *, seed: int) -> Together:
    """Put wordings into gaps in a chance order, as they come."""
    order = list(asked)
    random.Random(seed).shuffle(order)
    embedded = await answers.embed([text for _gap, text in order])
    unrelated = await answers.embed(UNRELATED)
    if embedded is None or unrelated is None:
        wordings, start = [read_wording(text) for _gap, text in order], 0.0
    else:
        pairs = zip(order, embedded.vectors, strict=True)
        wordings = [read_wording(text, vector=kept_vector(row), model=embedded.model) for (_gap, text), row in pairs]
        start = scale_start(unrelated.vectors)
    placed = [(gap, found) for (gap, _text), found in zip(order, put_together(wordings, start), strict=True)]
    pairs_of = [(one[0] == other[0], one[1] == other[1]) for one, other in combinations(placed, 2)]
    return Together(
        same=sum(same for same, _found in pairs_of),
        found=sum(same and found for same, found in pairs_of),
        wrong=sum(found and not same for same, found in pairs_of),
    )


# Printing


def _row(name: str, outcomes: Sequence[Outcome]) -> list[str]:
    right, wrong = sum(item.is_right for item in outcomes), sum(item.is_wrong for item in outcomes)
    early = sum(item.during_others and item.is_wrong for item in outcomes)
    total = len(outcomes)
    return [name, str(total), f"{right / total:.3f}", f"{wrong / total:.3f}", str(early)]


def _print_closing(outcomes: Sequence[Outcome]) -> None:
    halves = (("every second question", outcomes[::2]), ("the others", outcomes[1::2]), ("all", outcomes))
    rows = [_row(name, some) for name, some in halves]
    head = ["questions", "count", "closed (≥ 0.85)", "wrongly closed (≤ 0.05)", "of these before the right ones came"]
    print_table("Closing gaps", rows, head=head)
    opened, mixed = sum(item.was_open for item in outcomes), sum(item.mixed for item in outcomes)
    print(f"\n{opened} of {len(outcomes)} stood in an open gap; {mixed} shared it with a question on another article.")


def _print_together(together: Mapping[str, Together]) -> None:
    rows = [[name, str(item.same), f"{item.recall:.2f}", f"{item.precision:.2f}"] for name, item in together.items()]
    print_table("Putting wordings together", rows, head=["wordings", "pairs", "put together", "rightly"])


async def run(data: Path, *, questions: int, rounds: int, seed: int) -> list[Outcome]:
    """Measure closing in the data folder that the settings name, with whole articles as documents."""
    whole, news = by_article(read_xquad(data)), read_distractors(data)
    chosen = choose(whole, questions, seed=seed)
    plan = make_plan(whole, chosen, news, seed=seed, rounds=rounds)
    async with open_world(load_settings()) as world:
        return await measure_closing(world, plan, chosen, wanted=questions)


async def run_together(seed: int) -> dict[str, Together]:
    """Measure putting together, in the data folder that the settings name."""
    paraphrases = read_paraphrases()
    middle = max(gap for gap, _text in paraphrases) // 2
    halves = {
        "the first half: the line was chosen by these": [item for item in paraphrases if item[0] <= middle],
        "the second half": [item for item in paraphrases if item[0] > middle],
        "all": paraphrases,
    }
    async with open_world(load_settings()) as world:
        return {name: await measure_together(world.answers, some, seed=seed) for name, some in halves.items()}


def main() -> None:
    """Measure in a scratch folder and print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with xquad-de-dev.json and distractors.csv")
    parser.add_argument("--model", default="default", help="embedding model, or “none”")
    parser.add_argument("--questions", type=int, default=200, help="0: only putting wordings together")
    parser.add_argument("--rounds", type=int, default=10, help="publications before, and of, the right documents")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    configure_logs(level="warning")
    if not (given.data / "xquad-de-dev.json").is_file():
        print(f"skipped: there is no question set in {given.data}")
        return
    with TemporaryDirectory(prefix="allmende-bench-") as folder:
        library = Library(Path(folder) / "data", {"ALLMENDE_EMBEDDING_MODEL": given.model})
        os.environ.update(library.environment)
        library.folder.mkdir()
        upgrade(load_settings().database_url)
        together = asyncio.run(run_together(given.seed))
        _print_together(together)
        if given.questions:
            work = run(given.data, questions=given.questions, rounds=given.rounds, seed=given.seed)
            _print_closing(asyncio.run(work))


if __name__ == "__main__":
    main()
