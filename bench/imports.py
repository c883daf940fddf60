"""How fast texts come in: ``python -m bench.imports``.

Everything goes through ``allmende add`` as a person calls it, its start included; when it returns, the texts can be
found. The Markdown files are seeded word salad from the sample library's words; the PDF is made with reportlab.
"""

import argparse
import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import print_table
from bench.filling import WORDS_ALONE, quiet, read_settings
from bench.runs import Library, scratch_library
from bench.speed import busy
from bench.synthetic import TextMaker, write_markdown, write_pdf
from knowledge.library.embedding.models import EmbeddingConfig
from knowledge.library.embedding.runtimes import load_embedder

PASSAGES_OF_FILE = 200
SEED = 1
WARM_UP = 20


@dataclass(frozen=True, slots=True)
class Import:
    """What came in, how long it took, and how long processors were at work for it, in seconds."""

    passages: int
    seconds: float
    processor: float

    @property
    def rate(self) -> float:
        """Passages per second."""
        return self.passages / self.seconds


@dataclass(frozen=True, slots=True)
class Found:
    """A file from ``add`` until a search showed a word of its last page, and where that word stands."""

    added: Import
    locator: str | None


def measure_import(library: Library, folder: Path) -> Import:
    """Import a folder and count."""
    began, spent = time.perf_counter(), _processor_seconds()
    printed = library.run("add", str(folder), "--json").stdout
    seconds, spent = time.perf_counter() - began, _processor_seconds() - spent
    return Import(sum(json.loads(line)["passages"] for line in printed.splitlines()), seconds, spent)


def _processor_seconds() -> float:
    """Return what all processes that were started here, and theirs, have taken of the processors so far."""
    times = os.times()
    return times.children_user + times.children_system


def measure_markdown(library: Library, *, passages: int, seed: int = SEED) -> Import:
    """Import Markdown files of 200 passages each (the last one may have fewer)."""
    with TemporaryDirectory(prefix="allmende-files-") as folder:
        files, rest = divmod(passages, PASSAGES_OF_FILE)
        write_markdown(Path(folder) / "full", files=files, passages=PASSAGES_OF_FILE, seed=seed)
        if rest:
            write_markdown(Path(folder) / "rest", files=1, passages=rest, seed=seed + 1)
        return measure_import(library, Path(folder))


def prepare_model(library: Library) -> None:
    """Import a small text, so that the model is exported before the clock runs; that is done once for a data folder."""
    with TemporaryDirectory(prefix="allmende-files-") as folder:
        write_markdown(Path(folder), files=1, passages=1, seed=SEED + 2)
        library.add(Path(folder))


def measure_pdf(library: Library, *, pages: int, seed: int = SEED) -> Found:
    """Import a PDF and look for a word that only its last page has."""
    with TemporaryDirectory(prefix="allmende-files-") as folder:
        file = Path(folder) / "bericht.pdf"
        word = write_pdf(file, pages=pages, seed=seed)
        began, spent = time.perf_counter(), _processor_seconds()
        added = measure_import(library, file)
        first = library.search([word])[0]["results"][0]
        seconds, spent = time.perf_counter() - began, _processor_seconds() - spent
    assert word in first["passage"], "the last page is found by its own word"
    return Found(Import(added.passages, seconds, spent), first["locator"])


def measure_model(library: Library, *, passages: int, seed: int = SEED) -> Import:
    """Run the model alone on such passages, each below a heading as in the library: the most that importing reaches."""
    settings = read_settings(library)
    model = load_embedder(EmbeddingConfig(), settings.models_folder, progress=quiet)
    assert model is not None, "the default settings have a model"
    maker = TextMaker(seed)
    texts = [f"{maker.heading()}\n{maker.passage()}" for _each in range(passages)]
    model.embed_passages(texts[:WARM_UP])
    began, spent = time.perf_counter(), time.process_time()
    model.embed_passages(texts)
    return Import(passages, time.perf_counter() - began, time.process_time() - spent)


def _row(name: str, done: Import, goal: str) -> list[str]:
    figures = f"{done.passages:,}", f"{done.seconds:.1f}", f"{done.processor:.1f}", f"{done.rate:,.0f}"
    return [name, *figures, goal, busy()]


def main() -> None:
    """Import and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=20_000, help="without vectors")
    parser.add_argument("--embedded", type=int, default=2_000, help="passages with vectors")
    parser.add_argument("--pages", type=int, default=200, help="of the PDF")
    arguments = parser.parse_args()
    rows = []
    with scratch_library(**WORDS_ALONE) as library:
        done = measure_markdown(library, passages=arguments.passages)
        rows.append(_row("Markdown, without vectors", done, "≥ 2,000 passages/s"))
    with scratch_library() as library:
        prepare_model(library)
        done = measure_markdown(library, passages=arguments.embedded)
        rows.append(_row("Markdown, with vectors (int8)", done, "≥ 80 passages/s"))
        alone = measure_model(library, passages=arguments.embedded // 4)
        rows.append(_row("… the model alone", alone, f"import reaches {done.rate / alone.rate:.0%} of it"))
    with scratch_library(**WORDS_ALONE) as library:
        found = measure_pdf(library, pages=arguments.pages)
        name = f"PDF of {arguments.pages} pages, from file to found"
        rows.append(_row(name, found.added, "≤ 20 s"))
    head = ["what", "passages", "seconds", "processor s", "passages/s", "to reach", "machine"]
    print_table("Importing", rows, head=head)


if __name__ == "__main__":
    main()
