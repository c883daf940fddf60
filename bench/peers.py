"""Side by side with a peer in one run: ``python -m bench.peers --data FOLDER``.

txtai's hybrid search (BM25 and vectors, as it comes) and ours, with the same model on the same 240 passages, asked the
same questions in turn, both warm. Ours runs the model as int8 on onnxruntime, txtai on torch. txtai is not a part of
the project: ``pip install txtai``; without it only our own figures are shown.
"""

import argparse
import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean
from typing import Any

from bench.datasets import Question, QuestionSet, read_xquad
from bench.figures import bootstrap_interval, ndcg, print_table
from bench.filling import quiet, read_settings
from bench.quality import fill
from bench.runs import Library, scratch_library
from bench.speed import busy
from bench.timing import Timings
from knowledge.access.visibility import network_member
from knowledge.kit.database import Database
from knowledge.library.answers.ranking import fuse
from knowledge.library.answers.service import AnswerService
from knowledge.library.embedding.models import EmbeddingConfig, describe_model
from knowledge.library.indexes.owner import IndexOwner
from knowledge.library.indexes.port import IndexQuery

DEPTH = 10
# Our results are passages; a document may take several places.
PASSAGES = 30
WARM_UP = 20


@dataclass(slots=True)
class Side:
    """What one of the two reached: milliseconds and nDCG@10 of each question."""

    name: str
    times: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    @property
    def timings(self) -> Timings:
        """The times to be summed up."""
        return Timings(self.times)


Peer = Callable[[str], list[str]]


def open_txtai(passages: Sequence[tuple[str, str]], model: Path) -> Peer | None:
    """Index passages (name and text) with txtai and return its search; ``None`` where txtai is not installed."""
    if find_spec("txtai") is None:
        return None
    from txtai import Embeddings  # type: ignore[import-not-found]  # not a dependency

    embeddings: Any = Embeddings(path=str(model), hybrid=True)
    embeddings.index([(name, text, None) for name, text in passages])
    return lambda text: [name for name, _score in embeddings.search(text, DEPTH)]


def model_folder(models: Path) -> Path:
    """Return where the default model lies."""
    described = describe_model(EmbeddingConfig(), models)
    assert described is not None, "there is a default model"
    return described.folder


async def compare(library: Library, questions: Sequence[Question], peer: Peer | None) -> list[Side]:
    """Ask both sides each question in turn, so that both meet the same machine.

    Returns the peer, our search alone (as the peer's: both indexes, one order) and our whole search (access checked
    against the database, synonyms, a second look at the best, confidence).
    """
    settings = read_settings(library)
    database = Database(settings.database_url)
    theirs, alone, ours = Side("txtai hybrid (torch)"), Side("both indexes and fusion (int8)"), Side("search (int8)")
    try:
        owner = await IndexOwner.open(settings, database, quiet)
        answers = AnswerService(database, owner, settings.answers)
        try:
            warm_up = questions[:WARM_UP]
            for number, question in enumerate([*warm_up, *questions]):
                seen = number >= len(warm_up)
                if peer is not None:
                    began = time.perf_counter()
                    names = peer(question.text)
                    _note(theirs, began, names, question, seen=seen)
                began = time.perf_counter()
                hits = await owner.find(IndexQuery(question.text, access=network_member().access))
                fuse(hits.words, hits.vectors)
                _note(alone, began, None, question, seen=seen)
                began = time.perf_counter()
                reply = await answers.search(question.text, network_member(), limit=PASSAGES)
                names = [result.source.removesuffix(".md") for result in reply.results]
                _note(ours, began, names, question, seen=seen)
        finally:
            await owner.close()
    finally:
        await database.close()
    return [theirs, alone, ours]


def _note(side: Side, began: float, names: list[str] | None, question: Question, *, seen: bool) -> None:
    if not seen:
        return
    side.times.append((time.perf_counter() - began) * 1000)
    if names is not None:
        side.values.append(ndcg(names, str(question.target)))


def _rows(sides: Sequence[Side]) -> list[list[str]]:
    return [
        [
            side.name,
            f"{fmean(side.times):.1f}" if side.times else "–",
            f"{side.timings.middle:.1f}" if side.times else "–",
            f"{side.timings.slow:.1f}" if side.times else "–",
            f"{fmean(side.values):.4f}" if side.values else "–",
            busy(),
        ]
        for side in sides
    ]


def _print_difference(theirs: Side, alone: Side, ours: Side) -> None:
    gains = [mine - other for mine, other in zip(ours.values, theirs.values, strict=True)]
    low, high = bootstrap_interval(gains)
    rows = [
        ["times faster per question, both indexes and fusion", _times(theirs, alone), "≥ 4"],
        ["times faster per question, whole search", _times(theirs, ours), ""],
        ["nDCG@10 better by", f"{fmean(gains):+.4f} ({low:+.3f} to {high:+.3f})", "≥ 0.03"],
    ]
    print_table("Against txtai", rows, head=["what", "measured", "to reach"])


def _times(theirs: Side, ours: Side) -> str:
    return f"{theirs.timings.middle / ours.timings.middle:.1f} (medians), {fmean(theirs.times) / fmean(ours.times):.1f}"


def main() -> None:
    """Measure both sides and print tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with xquad-de-dev.json")
    parser.add_argument("--questions", type=int, default=612)
    arguments = parser.parse_args()
    whole: QuestionSet = read_xquad(arguments.data).sample(arguments.questions, seed=1)
    with scratch_library() as library:
        fill(library, whole)
        passages = [(passage.id, passage.text) for passage in whole.passages]
        peer = open_txtai(passages, model_folder(library.folder / "models"))
        theirs, alone, ours = asyncio.run(compare(library, whole.questions, peer))
    title = f"{len(whole.passages)} passages, {len(whole.questions)} questions, warm"
    print_table(title, _rows([theirs, alone, ours]), head=["who", "mean ms", "p50 ms", "p95 ms", "nDCG@10", "machine"])
    if peer is None:
        print("\ntxtai is not installed, so there is nothing to compare with: pip install txtai")
    else:
        _print_difference(theirs, alone, ours)


if __name__ == "__main__":
    main()
