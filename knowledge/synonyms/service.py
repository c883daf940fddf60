"""Other words for the same thing, in both directions: kept by moderators, and learned from documents."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.kit.errors import NotFound
from knowledge.kit.language import _
from knowledge.models.synonym import Abbreviation
from knowledge.synonyms.book import SynonymBook, Terms
from knowledge.synonyms.repository import AbbreviationRepository, SynonymRepository
from knowledge.synonyms.schemas import AddedSynonyms, Alternative, LineProblem, Outcome, SynonymEntry, SynonymReport
from knowledge.synonyms.terms import TermUnusable, check_terms, fold_term, read_lines, split_line

LONGEST_SHORT = 100
LONGEST_LONG = 300


class SynonymNotFound(NotFound):
    """No group holds this word, or these words together."""

    code = "synonyms.not_found"


class SynonymService:
    """Everything about synonyms, within the caller's transaction.

    A word may be in several groups. They stay apart: that „Amt" stands for „Behörde" here and for „Ämter" there does
    not make those two the same.
    """

    def __init__(self, session: AsyncSession) -> None:
        self.repository = SynonymRepository(session)
        self.abbreviations = AbbreviationRepository(session)

    async def add(self, *terms: str) -> AddedSynonyms:
        """Note that two or more words mean the same.

        A group that holds them all is left as it is; one whose words are all among them grows; otherwise a new one
        is made. Raises TermUnusable.
        """
        wanted = check_terms(terms)
        book = SynonymBook(await self.repository.groups_with(wanted.keys()))
        group, outcome = book.add(wanted)
        await self.repository.save(book.changes)
        return AddedSynonyms(_entry(group, book.groups[group]), outcome)

    async def list(self) -> Sequence[SynonymEntry]:
        """Return all groups in the order of the alphabet."""
        groups = await self.repository.groups()
        ordered = sorted(groups.items(), key=lambda item: list(item[1]))
        return [_entry(group, terms) for group, terms in ordered]

    async def remove(self, term: str, other: str | None = None) -> int:
        """Forget that a word means the same as others; return how many groups changed.

        Args:
            term: taken out of all its groups if it comes alone.
            other: taken out of those groups that hold both, so that ``term`` keeps its remaining synonyms.

        A group of fewer than two words is removed. Raises SynonymNotFound.
        """
        words = {fold_term(term)} if other is None else {fold_term(term), fold_term(other)}
        leaving = fold_term(term if other is None else other)
        groups = await self.repository.groups_with(words)
        affected = {group: terms for group, terms in groups.items() if words <= terms.keys()}
        if not affected:
            shown = " = ".join(word.strip()[:40] for word in (term, other) if word is not None)
            raise SynonymNotFound(_("There is no such synonym: {words}").format(words=shown))
        for group, terms in affected.items():
            if len(terms) <= 2:
                await self.repository.remove_group(group)
            else:
                await self.repository.remove_term(group, leaving)
        return len(affected)

    async def take_out(self, group: UUID, term: str) -> None:
        """Take a word out of one group; a group of fewer than two words is removed. Raises SynonymNotFound."""
        word = fold_term(term)
        terms = (await self.repository.groups_with({word})).get(group)
        if terms is None:
            raise SynonymNotFound(_("There is no such synonym: {words}").format(words=term.strip()[:40]))
        if len(terms) <= 2:
            await self.repository.remove_group(group)
        else:
            await self.repository.remove_term(group, word)

    async def import_file(self, path: Path) -> SynonymReport:
        """Add the groups of a list: one group a line, as in „Kita; Kindertagesstätte; Kindergarten".

        Lines that cannot be used are left out and reported; the others are kept. Raises SynonymFileUnreadable.
        """
        lines = await asyncio.to_thread(lambda: list(read_lines(path)))
        book = SynonymBook(await self.repository.groups())
        outcomes: Counter[Outcome] = Counter()
        problems: list[LineProblem] = []
        for line in lines:
            try:
                outcomes[book.add(check_terms(split_line(line.text)))[1]] += 1
            except TermUnusable as error:
                problems.append(LineProblem(line.number, line.text[:80], error.message))
        await self.repository.save(book.changes)
        return SynonymReport(
            outcomes[Outcome.ADDED], outcomes[Outcome.EXTENDED], outcomes[Outcome.KNOWN], tuple(problems)
        )

    async def learn(self, document: UUID, pairs: Iterable[tuple[str, str]]) -> None:
        """Keep the abbreviations that a document explains, in the place of those kept from it before.

        Args:
            document: the document's identifier.
            pairs: short and long forms; doubles and forms of unusual length are left out.
        """
        rows: dict[tuple[str, str], dict[str, str]] = {}
        for short, long in pairs:
            key = fold_term(short), fold_term(long)
            if all(key) and key[0] != key[1] and len(short) <= LONGEST_SHORT and len(long) <= LONGEST_LONG:
                rows.setdefault(key, {"short": short, "long": long, "short_folded": key[0], "long_folded": key[1]})
        await self.abbreviations.replace(document, list(rows.values()))

    async def lookup(self, terms: Iterable[str]) -> dict[str, tuple[Alternative, ...]]:
        """Return other words for the given ones, by the word as given; without those that have none."""
        folded = {term: fold_term(term) for term in terms}
        words = set(folded.values())
        groups = await self.repository.groups_with(words)
        table = _alternatives(groups.values(), await self.abbreviations.with_words(words))
        return {term: table[word] for term, word in folded.items() if word in table}

    async def expansions(self) -> Mapping[str, tuple[Alternative, ...]]:
        """Return all other words for each word, which is folded (see ``fold_term``)."""
        groups = await self.repository.groups()
        return _alternatives(groups.values(), await self.abbreviations.all())


def _alternatives(groups: Iterable[Terms], abbreviations: Iterable[Abbreviation]) -> dict[str, tuple[Alternative, ...]]:
    """Return the other words by folded word; what moderators keep comes first."""
    kept: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for terms in groups:
        for word in terms:
            kept[word] |= {other: term for other, term in terms.items() if other != word}
    learned: defaultdict[str, dict[str, tuple[str, set[UUID]]]] = defaultdict(dict)
    for one in abbreviations:
        for word, other, text in (
            (one.short_folded, one.long_folded, one.long),
            (one.long_folded, one.short_folded, one.short),
        ):
            if other not in kept.get(word, {}):
                learned[word].setdefault(other, (text, set()))[1].add(one.document_id)
    return {
        word: tuple(Alternative(text) for text in kept.get(word, {}).values())
        + tuple(Alternative(text, frozenset(documents)) for text, documents in learned.get(word, {}).values())
        for word in kept.keys() | learned.keys()
    }


def _entry(group: UUID, terms: Mapping[str, str]) -> SynonymEntry:
    return SynonymEntry(group, tuple(terms.values()))
