"""Groups of synonyms in memory: finds out what adding words changes, before anything is written."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from knowledge.kit.ids import new_id
from knowledge.synonyms.schemas import Outcome

# Terms as written, by their folded form.
Terms = dict[str, str]


@dataclass(slots=True)
class Changes:
    """What a book has that the database has not."""

    new_groups: list[UUID] = field(default_factory=list)
    # Group, position, folded form, term.
    new_terms: list[tuple[UUID, int, str, str]] = field(default_factory=list)
    removed_groups: list[UUID] = field(default_factory=list)


class SynonymBook:
    """Some or all groups, to which words can be added."""

    def __init__(self, groups: Mapping[UUID, Terms]) -> None:
        self.groups: dict[UUID, Terms] = {}
        self.changes = Changes()
        self._by_word: defaultdict[str, set[UUID]] = defaultdict(set)
        for group, terms in groups.items():
            self._enter(group, terms)

    def add(self, wanted: Terms) -> tuple[UUID, Outcome]:
        """Add words that mean the same, and return the group in which they are now.

        A group that holds them all is left as it is; one whose words are all among them grows; otherwise a new one
        is made.
        """
        near = self._neighbours(wanted)
        for group in near:
            if wanted.keys() <= self.groups[group].keys():
                return group, Outcome.KNOWN
        smaller = [group for group in near if self.groups[group].keys() < wanted.keys()]
        if not smaller:
            return self._add_group(wanted), Outcome.ADDED
        self._extend(smaller[0], wanted)
        for group in smaller[1:]:  # the grown group says all that they say
            self._remove(group)
        return smaller[0], Outcome.EXTENDED

    def _neighbours(self, words: Iterable[str]) -> list[UUID]:
        found = dict.fromkeys(group for word in words for group in self._by_word.get(word, ()))
        return sorted(found, key=lambda group: -len(self.groups[group]))

    def _enter(self, group: UUID, terms: Terms) -> None:
        self.groups.setdefault(group, {}).update(terms)
        for word in terms:
            self._by_word[word].add(group)

    def _add_group(self, wanted: Terms) -> UUID:
        group = new_id()
        self.changes.new_groups.append(group)
        self._extend(group, wanted)
        return group

    def _extend(self, group: UUID, wanted: Terms) -> None:
        present = self.groups.get(group, {})
        missing = {folded: term for folded, term in wanted.items() if folded not in present}
        for position, (folded, term) in enumerate(missing.items(), start=len(present)):
            self.changes.new_terms.append((group, position, folded, term))
        self._enter(group, missing)

    def _remove(self, group: UUID) -> None:
        for word in self.groups.pop(group):
            self._by_word[word].discard(group)
        if group not in self.changes.new_groups:
            self.changes.removed_groups.append(group)
            return
        self.changes.new_groups.remove(group)
        self.changes.new_terms = [term for term in self.changes.new_terms if term[0] != group]
