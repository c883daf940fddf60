"""How fast texts come in: ``python -m bench.imports``.

Everything goes through ``allmende add`` as a person calls it, its start included; when it returns, the texts can be
found. The Markdown files are seeded word salad from the sample library's words; the PDF is made with reportlab.
"""

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import print_table
from bench.filling import WORDS_ALONE
from bench.runs import Library, scratch_library
from bench.speed import busy
from bench.synthetic import write_markdown, write_pdf

PASSAGES_OF_FILE = 200
SEED = 1


@dataclass(frozen=True, slots=True)
class Import:
    """What came in and how long it took, in seconds."""

    passages: int
    seconds: float

    @property
    def rate(self) -> float:
        """Passages per second."""
        return self.passages / self.seconds


@dataclass(frozen=True, slots=True)
class Found:
    """How long a file took from ``add`` until a search showed a word of its last page, and where it stands."""

    seconds: float
    passages: int
    locator: str | None


def measure_import(library: Library, folder: Path) -> Import:
    """Import a folder and count."""
    began = time.perf_counter()
    printed = library.run("add", str(folder), "--json").stdout
    seconds = time.perf_counter() - began
    return Import(sum(json.loads(line)["passages"] for line in printed.splitlines()), seconds)


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
        began = time.perf_counter()
        added = measure_import(library, file)
        first = library.search([word])[0]["results"][0]
        seconds = time.perf_counter() - began
    assert word in first["passage"], "the last page is found by its own word"
    return Found(seconds, added.passages, first["locator"])


def _row(name: str, done: Import, goal: str) -> list[str]:
    return [name, f"{done.passages:,}", f"{done.seconds:.1f}", f"{done.rate:,.0f}", goal, busy()]


def main() -> None:
    """Import and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=20_000, help="without vectors")
    parser.add_argument("--embedded", type=int, default=1_000, help="passages with vectors")
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
    with scratch_library(**WORDS_ALONE) as library:
        found = measure_pdf(library, pages=arguments.pages)
        name = f"PDF of {arguments.pages} pages, from file to found ({found.locator})"
        rows.append(_row(name, Import(found.passages, found.seconds), "≤ 20 s"))
    print_table("Importing", rows, head=["what", "passages", "seconds", "passages/s", "to reach", "machine"])


if __name__ == "__main__":
    main()
