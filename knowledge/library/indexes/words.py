"""The words index: passages by the stems and grams of their words, ranked by BM25 (tantivy).

It follows the database and can be built anew from it at any time, so whatever is wrong with its files is reported as
one error, :class:`WordsIndexDamaged`, and answered with :meth:`WordsIndex.create`.
"""

import json
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Self

import tantivy

from knowledge.kit.errors import Unavailable
from knowledge.kit.language import _
from knowledge.library.indexes.queries import WeightedTerm, WordsQuery, weighted_terms
from knowledge.library.indexes.schemas import Hit, IndexedPassage
from knowledge.library.indexes.segments import check_segments
from knowledge.library.text.analysis import ANALYSIS_VERSION, index_terms

LAYOUT_VERSION = 1
# Written when an index is made.
FORMAT_FILE = "format.json"
WRITER_MEMORY = 64_000_000
"""Bytes; one thread, so that one commit makes one segment."""


class WordsIndexDamaged(Unavailable):
    """Files of the index are missing, cut off or changed."""

    code = "words_index.damaged"

    def __init__(self, detail: str) -> None:
        super().__init__(_("The search index is damaged. Please run: allmende reindex"), detail=detail)


class WordsIndexOutdated(WordsIndexDamaged):
    """The index was built by another version of the text analysis."""

    code = "words_index.outdated"


class WordsIndexBusy(Unavailable):
    """Another process is writing to the index."""

    code = "words_index.busy"

    def __init__(self, detail: str) -> None:
        message = _("Another command is changing the search index just now. Please try again in a moment.")
        super().__init__(message, detail=detail)


class WordsIndexUnwritable(Unavailable):
    """The index could not be written; nothing of it is lost that was committed before."""

    code = "words_index.unwritable"

    def __init__(self, detail: str) -> None:
        message = _("The search index could not be written. Please check that the disk is not full, and try again.")
        super().__init__(message, detail=detail)


def _frequency(searcher: tantivy.Searcher, field: str, term: str) -> int:
    """Return how many passages have a term, at most all: until segments are merged, removed ones count, too."""
    return int(min(searcher.doc_freq(field, term), searcher.num_docs))


class WordsIndex:
    """One folder with the index of words. Reading is safe from many threads; writing takes turns."""

    def __init__(self, index: tantivy.Index, *, created: bool) -> None:
        self.created = created
        self._index = index
        self._schema = index.schema
        self._writer: tantivy.IndexWriter | None = None
        self._begun: set[str] = set()
        self._turn = RLock()

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open the index in ``folder``, or make an empty one (then ``created`` is true) where nothing is.

        Raises :class:`WordsIndexDamaged`, or its kind :class:`WordsIndexOutdated`.
        """
        if not folder.exists() or not any(folder.iterdir()):
            return cls.create(folder)
        return cls.open_existing(folder)

    @classmethod
    def open_existing(cls, folder: Path) -> Self:
        """Open the index in ``folder``. Raises as :meth:`open`, and where there is none."""
        _check_format(folder / FORMAT_FILE)
        check = check_segments(folder)
        if check:
            raise WordsIndexDamaged(check)
        try:
            index = _prepared(tantivy.Index.open(str(folder)))
            index.reload()
        except (ValueError, OSError) as error:
            raise WordsIndexDamaged(str(error)) from error
        return cls(index, created=False)

    @classmethod
    def create(cls, folder: Path) -> Self:
        """Make an empty index in ``folder``; an index that is there, damaged or not, is thrown away."""
        if folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True)
        index = _prepared(tantivy.Index(_schema(), path=str(folder)))
        (folder / FORMAT_FILE).write_text(json.dumps(_format()), encoding="utf-8")
        return cls(index, created=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def add(self, passages: Iterable[IndexedPassage]) -> int:
        """Take in passages and return their number; they are found after :meth:`commit`.

        The first passage of a document since the last commit removes everything that the index had of it, so all
        passages of a document go into one commit. Raises :class:`WordsIndexBusy` or :class:`WordsIndexUnwritable`.
        """
        documents = [(passage.document, _document(passage)) for passage in passages]
        with self._writing() as writer:
            for key, document in documents:
                if key not in self._begun:
                    self._begun.add(key)
                    writer.delete_documents_by_term("document", key)
                writer.add_document(document)
        return len(documents)

    def delete_documents(self, documents: Iterable[str]) -> None:
        """Remove all passages of these documents (hex keys); effective after :meth:`commit`."""
        keys = list(documents)
        with self._writing() as writer:
            for key in keys:
                self._begun.discard(key)
                writer.delete_documents_by_term("document", key)

    def commit(self) -> None:
        """Make what was added and deleted lasting and visible to the next search.

        Raises :class:`WordsIndexUnwritable`; what was added since the last commit has to be added again then.
        """
        with self._turn:
            if self._writer is not None:
                with self._writing() as writer:
                    writer.commit()
                    self._begun.clear()
            self._index.reload()

    def reload(self) -> None:
        """See what another process has committed."""
        self._index.reload()

    def search(self, query: WordsQuery | str, *, limit: int, access: frozenset[str] | None = None) -> list[Hit]:
        """Return the best passages, best first, at most ``limit``; nothing where no word of the query occurs.

        ``access`` holds the kinds of passages to look at; None means all.
        """
        if limit < 1 or (access is not None and not access):
            return []
        asked = WordsQuery(query) if isinstance(query, str) else query
        searcher = self._index.searcher()
        terms = weighted_terms(asked, partial(_frequency, searcher), searcher.num_docs)
        if not terms:
            return []
        wanted = self._filtered(self._as_query(terms), searcher, access)
        found = searcher.search(wanted, limit=limit, count=False).hits
        ids = searcher.fast_field_values("id", [address for _score, address in found])
        hits = [Hit(int(key), float(score)) for key, (score, _address) in zip(ids, found, strict=True) if key]
        return sorted(hits, key=lambda hit: (-hit.score, hit.id))

    def clear(self) -> None:
        """Throw away all passages at once. Raises :class:`WordsIndexBusy`."""
        with self._writing() as writer:
            writer.delete_all_documents()
        self.commit()

    @property
    def version(self) -> str:
        """Names the layout and the text analysis that this index was built with."""
        return f"{LAYOUT_VERSION}/{ANALYSIS_VERSION}"

    def count(self) -> int:
        """Return the number of passages that can be found."""
        return self._index.searcher().num_docs

    def documents(self) -> set[str]:
        """Return the hex keys of all documents that the index holds; some that were removed may be among them."""
        return {key for key, _count in self._index.searcher().terms_with_prefix("document", "")}

    def document_frequencies(self, stems: Iterable[str]) -> dict[str, int]:
        """Return for each stem the number of passages that have it in their text."""
        searcher = self._index.searcher()
        return {stem: _frequency(searcher, "stems", stem) for stem in stems}

    def close(self) -> None:
        """Give up the writer's lock; what was not committed is forgotten."""
        with self._turn:
            if self._writer is not None:
                # A rollback first would throw merges away that are under way, and leave their files behind.
                self._writer.wait_merging_threads()
                self._writer = None

    @contextmanager
    def _writing(self) -> Iterator[tantivy.IndexWriter]:
        with self._turn:
            writer = self._open_writer()
            try:
                yield writer
            except (ValueError, OSError) as error:
                # tantivy's writer is of no use after an error; the next attempt begins with a new one.
                self._writer = None
                self._begun.clear()
                raise WordsIndexUnwritable(str(error)) from error

    def _open_writer(self) -> tantivy.IndexWriter:
        if self._writer is None:
            try:
                self._writer = self._index.writer(heap_size=WRITER_MEMORY, num_threads=1)
            except ValueError as error:
                raise WordsIndexBusy(str(error)) from error
        return self._writer

    def _as_query(self, terms: list[WeightedTerm]) -> tantivy.Query:
        return tantivy.Query.boolean_query([(tantivy.Occur.Should, self._term_query(term)) for term in terms])

    def _filtered(
        self, wanted: tantivy.Query, searcher: tantivy.Searcher, access: frozenset[str] | None
    ) -> tantivy.Query:
        """Leave out what is not in ``access``; where all of the library is, the search stays twice as fast."""
        if access is None:
            return wanted
        others = [kind for kind, _count in searcher.terms_with_prefix("access", "") if kind not in access]
        if not others:
            return wanted
        allowed = tantivy.Query.term_set_query(self._schema, "access", sorted(access))
        unscored = tantivy.Query.const_score_query(allowed, 0.0)
        return tantivy.Query.boolean_query([(tantivy.Occur.Must, wanted), (tantivy.Occur.Must, unscored)])

    def _term_query(self, term: WeightedTerm) -> tantivy.Query:
        query = tantivy.Query.term_query(self._schema, term.field, term.term, index_option="freq")
        return tantivy.Query.boost_query(query, term.weight)


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field("id", fast=True)
    builder.add_text_field("document", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("access", tokenizer_name="raw", index_option="basic")
    for field in ("stems", "grams"):
        builder.add_text_field(field, tokenizer_name="terms", index_option="freq")
    return builder.build()


def _prepared(index: tantivy.Index) -> tantivy.Index:
    """The terms come ready from our own analysis, with spaces between them; tantivy forgets this at every close."""
    index.register_tokenizer("terms", tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build())
    index.config_reader(reload_policy="manual")
    return index


def _document(passage: IndexedPassage) -> tantivy.Document:
    stems, grams = index_terms(" ".join((passage.title, *passage.headings, passage.text)))
    document = tantivy.Document()
    document.add_unsigned("id", passage.id)
    document.add_text("document", passage.document)
    document.add_text("access", passage.access)
    document.add_text("stems", stems)
    document.add_text("grams", grams)
    return document


def _format() -> dict[str, object]:
    return {"layout": LAYOUT_VERSION, "analysis": ANALYSIS_VERSION}


def _check_format(file: Path) -> None:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise WordsIndexDamaged(f"{file.name}: {error}") from error
    if found != _format():
        raise WordsIndexOutdated(f"built as {found}, wanted {_format()}")
