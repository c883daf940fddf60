"""Names of persons: after titles and roles, by lists of names, with initials, and what is repeated of them."""

import re
from collections.abc import Iterator

from knowledge.personal_data import words
from knowledge.personal_data.lists import read_endings, read_words
from knowledge.personal_data.schemas import Finding, FindingKind
from knowledge.personal_data.tokens import Token, tokenize

_SHORT_SALUTATIONS = frozenset(("fr",))
_SIGNED = re.compile(r"(?:gez|sgd)$")
LONGEST_GIVEN = 4
MOST_INITIALS = 3
MOST_TITLES = 6
_ARTICLES = frozenset(
    "der die das den dem im am zum zur ein eine einen bis ab seit ende anfang mitte vom kein keine".split()  # noqa: SIM905
)


def find_names(text: str) -> Iterator[Finding]:
    """Yield names of persons, without title or salutation; a family name alone where it stands elsewhere with more."""
    found = _Reader(text).read()
    for start, end in found:
        yield Finding(FindingKind.NAME, start, end, text[start:end])


def _cues(section: str) -> frozenset[str]:
    return read_words("cues.txt", section)


def _endings(section: str) -> tuple[str, ...]:
    return read_endings("cues.txt", section)


def _is_role(word: str) -> bool:
    return word.endswith(_endings("role")) or word.removesuffix("in").endswith(_endings("role"))


def _leads_a_firm(token: Token) -> bool:
    return token.folded.endswith(_endings("firm lead")) or token.folded in _cues("firm words")


class _Reader:
    """Walks once through the words of a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.families: set[str] = set()

    def read(self) -> list[tuple[int, int]]:
        found, position = [], 0
        while position < len(self.tokens):
            span = self._name_at(position)
            if span is None or not self._is_person(*span):
                position += 1
                continue
            found.append(span)
            self._remember(span[1] - 1)
            if self.tokens[position].folded in _cues("plurals") and (second := self._second_of_two(span[1])):
                found.append(second)
                self._remember(second[1] - 1)
            position = max(found[-1][1], position + 1)
        taken = {number for span in found for number in range(*span)}
        found += [(number, number + 1) for number in self._repeated() if number not in taken]
        return [(self.tokens[first].start, self.tokens[last - 1].end) for first, last in found]

    def _second_of_two(self, position: int) -> tuple[int, int] | None:
        """Return the second of „die Kolleginnen Jensen und Paulsen“."""
        start = position + 1
        if not (self._close(position) and self.tokens[position].folded in ("und", "and") and self._close(start)):
            return None
        token = self.tokens[start]
        return self._whole_name(start) if token.capital and not words.is_word(token.folded) else None

    def _remember(self, number: int) -> None:
        family = self.tokens[number].folded
        if len(family) > 2 and (
            words.is_family_name(family) or not (words.is_surely_word(family) or words.is_given_name(family))
        ):
            self.families.add(family)

    def _repeated(self) -> Iterator[int]:
        for number, token in enumerate(self.tokens):
            if token.capital and not self._names_a_firm(number, number + 1):
                family = next(
                    (form for form in (token.folded, token.folded.removesuffix("s")) if form in self.families), None
                )
                # „Koch“ is a name again, „der Koch“ is not.
                if family and not (words.is_word(family) and self._follows_article(number)):
                    yield number

    def _name_at(self, position: int) -> tuple[int, int] | None:
        """Return from where to where the words are a name that begins here, or after a title that stands here."""
        return (
            self._after_salutation(position)
            or self._after_role(position)
            or self._after_sign(position)
            or self._given_and_family(position)
            or self._initial_and_family(position)
            or self._family_first(position)
            or self._family_alone(position)
            or self._without_capitals(position)
        )

    # After titles

    def _after_salutation(self, position: int) -> tuple[int, int] | None:
        token = self.tokens[position]
        salutation = token.folded in _cues("salutations")
        if not (
            salutation or token.folded in _cues("degrees") or (token.folded in _SHORT_SALUTATIONS and token.capital)
        ):
            return None
        if not salutation and not (token.capital or token.dotted):
            return None
        start = self._skip_titles(position + 1)
        if not self._close(start, titles=True):
            return None
        first = self.tokens[start]
        strict = not salutation
        if not first.capital and not self._particle(start):
            lower = words.is_family_name(first.folded) and not words.is_word(first.folded) and len(first.folded) > 3
            return (start, start + 1) if salutation and lower else None
        if first.folded in _cues("salutations") or self._is_no_name(first, strict=strict):
            return None
        return self._whole_name(start)

    def _is_no_name(self, token: Token, *, strict: bool) -> bool:
        """Tell whether what follows a salutation (or, stricter, a degree) is an office or a thing."""
        if token.folded in _cues("particles"):
            return False
        if len(token.text) < 2 or (_is_role(token.folded) and not words.is_family_name(token.folded)):
            return True
        return words.is_surely_word(token.folded) and (strict or not words.is_family_name(token.folded))

    def _skip_titles(self, position: int) -> int:
        """Return the position after degrees and offices: „Frau Prof. Dr. …“, „Herr Bürgermeister …“."""
        for _title in range(MOST_TITLES):
            if not self._close(position, titles=True):
                break
            token, following = self.tokens[position], self._close(position + 1, titles=True)
            office = (
                _is_role(token.folded)
                and following
                and self.tokens[position + 1].capital
                and not words.is_family_name(token.folded)
            )
            if not (token.folded in _cues("degrees") or token.folded in _cues("salutations") or office):
                break
            position += 1
        return position

    def _after_role(self, position: int) -> tuple[int, int] | None:
        token = self.tokens[position]
        if not _is_role(token.folded) and not (token.folded in _cues("fields") or token.folded in _cues("plurals")):
            return None
        start = position + 1
        if start < len(self.tokens) and self.tokens[start].folded in ("ist", "war", "is", "heißt", "bleibt", "namens"):
            start += 1
        start = self._skip_titles(start)
        if not self._close(start, colon=True, initial=True) or (
            token.folded in _cues("fields") and ":" not in self.tokens[start].gap
        ):
            return None
        first = self.tokens[start]
        known = words.is_given_name(first.folded) or words.is_family_name(first.folded)
        if not (first.capital and first.name_like) and not self._particle(start):
            return None
        if not known and (
            words.is_place(first.folded) or token.folded in _cues("plurals") or not self._ends_part(start)
        ):
            return None
        if words.is_word(first.folded) and not (known and self._two_names(start)):
            return None
        return self._whole_name(start)

    def _ends_part(self, position: int) -> bool:
        """Tell whether an unknown word after a role stands by itself, where a colon may let a sentence begin."""
        following = self.tokens[position + 1].gap if position + 1 < len(self.tokens) else "\n"
        return ":" not in self.tokens[position].gap or any(character in following for character in ",;\n()./")

    def _two_names(self, start: int) -> bool:
        return self._given_and_family(start) is not None

    def _after_sign(self, position: int) -> tuple[int, int] | None:
        """Return the name after „gez.“, „i. A.“, a closing formula, or „geb.“ (the name of birth)."""
        token, start = self.tokens[position], position + 1
        if token.folded == "i" and self._close(start, initial=True) and self.tokens[start].folded in ("a", "v"):
            start += 1
        elif token.folded.endswith(_endings("greeting")):
            if start >= len(self.tokens) or "\n" not in self.tokens[start].gap:
                return None
        elif not _SIGNED.match(token.folded) and token.folded not in ("geb", "geborene", "geborener", "verh"):
            return None
        start = self._skip_titles(start)
        if not self._close(start, titles=True, colon=True) or not (self.tokens[start].capital or self._particle(start)):
            return None
        if self._is_no_name(self.tokens[start], strict=False):
            return None
        return self._whole_name(start)

    def _whole_name(self, start: int) -> tuple[int, int] | None:
        """Return the span of a name that certainly begins here: given names, particles, and family name."""
        end = self._after_given(start)
        if end == start and self._particle(start):
            return self._after_particles(start)
        if end == start:
            second = self.tokens[start + 1] if self._close(start + 1) else None
            more = (
                second is not None
                and second.capital
                and words.is_family_name(second.folded)
                and not words.is_word(second.folded)
            )
            return start, start + (2 if more else 1)
        return start, self._family_end(end, sure=True) or end

    def _after_particles(self, start: int) -> tuple[int, int] | None:
        end = start
        while end - start < MOST_INITIALS and self._particle(end):
            end += 1
        if (
            end < len(self.tokens)
            and self._close(end)
            and self.tokens[end].capital
            and not words.is_surely_word(self.tokens[end].folded)
        ):
            return start, end + 1
        return None

    # Without titles

    def _given_and_family(self, position: int) -> tuple[int, int] | None:
        first = self.tokens[position]
        if not first.capital or not words.is_given_name(first.folded):
            return None
        end = self._after_given(position)
        doubtful = all(
            words.is_also_word(token.folded) or words.is_word(token.folded) for token in self.tokens[position:end]
        )
        if doubtful and (first.after_digit or self._follows_article(position)):
            return None
        family = self._family_end(end, sure=not doubtful)
        if family is None and end - position > 1 and not doubtful:
            # „Mehmet Ali“: the last given name is the family name.
            return position, end
        return (position, family) if family else None

    def _follows_article(self, position: int) -> bool:
        before = self.tokens[position - 1].folded if position and not self.tokens[position].opens else ""
        return before in _ARTICLES

    def _acts(self, position: int) -> bool:
        """Tell whether what follows is what a person does: „… hat“, „… schrieb“."""
        return self._close(position) and self.tokens[position].folded in _cues("deeds")

    def _follows_preposition(self, position: int) -> bool:
        """Tell whether what stands before goes with persons: „von …“, „fragte …“."""
        return (
            position > 0
            and not self.tokens[position].opens
            and self.tokens[position - 1].folded in _cues("before persons")
        )

    def _after_given(self, position: int) -> int:
        """Return the position after given names and initials between them."""
        end = position
        while (
            end < len(self.tokens)
            and end - position < LONGEST_GIVEN
            and (end == position or self._close(end, initial=True))
        ):
            token = self.tokens[end]
            if not token.capital or not (words.is_given_name(token.folded) or self._is_initial(end)):
                break
            # „Peter Franz“ is a whole name, if no family name comes after it.
            if end > position and words.is_family_name(token.folded) and self._family_end(end + 1, sure=False) is None:
                break
            end += 1
        return end

    def _family_end(self, position: int, *, sure: bool) -> int | None:
        """Return the end of the family name that begins here; ``sure`` if a given name certainly stands before."""
        if not self._close(position, initial=True):
            return None
        if self._particle(position):
            after = self._after_particles(position)
            return after[1] if after else None
        return self._second_family(position + 1) if self._may_be_family(self.tokens[position], sure=sure) else None

    def _may_be_family(self, token: Token, *, sure: bool) -> bool:
        if not token.capital or len(token.folded) < 2 or words.is_example(token.folded):
            return False
        known = words.is_family_name(token.folded) or words.is_family_name(token.folded.removesuffix("s"))
        if sure:
            return known or not (words.is_institution(token.folded) or words.is_surely_word(token.folded))
        if words.is_word(token.folded):
            return False
        return known or not (words.is_institution(token.folded) or words.is_place(token.folded) or not token.name_like)

    def _second_family(self, position: int) -> int:
        """Return the end after a second family name, as in „López García“."""
        if self._close(position):
            token = self.tokens[position]
            if token.capital and words.is_family_name(token.folded) and not words.is_word(token.folded):
                return position + 1
        return position

    def _initial_and_family(self, position: int) -> tuple[int, int] | None:
        if not self._is_initial(position):
            return None
        before = self.tokens[position - 1] if position else None
        if (
            before
            and not self.tokens[position].opens
            and (
                before.folded in _cues("initial leads")
                or len(before.folded) == 1
                or before.folded in ("z", "d", "u", "i")
            )
        ):
            return None
        end = position + 1
        while end - position < MOST_INITIALS and self._close(end, initial=True) and self._is_initial(end):
            end += 1
        if not self._close(end, initial=True):
            return None
        token = self.tokens[end]
        if self._particle(end):
            return (position, after[1]) if (after := self._after_particles(end)) else None
        if (
            not token.capital
            or not token.name_like
            or words.is_word(token.folded)
            or words.is_place(token.folded)
            or words.is_institution(token.folded)
        ):
            return None
        return position, end + 1

    def _is_initial(self, position: int) -> bool:
        token = self.tokens[position]
        return (
            token.dotted
            and token.capital
            and (len(token.text) == 1 or token.text in ("Ch", "St", "Th", "Chr", "Joh"))
            and not token.after_digit
        )

    def _family_first(self, position: int) -> tuple[int, int] | None:
        """Return the span of „Wollschläger, Jürgen“."""
        family, after = self.tokens[position], position + 1
        if after >= len(self.tokens) or self.tokens[after].gap != ", " or not family.capital or not family.name_like:
            return None
        given = self.tokens[after]
        if (
            self._is_initial(after)
            and len(given.text) == 1
            and words.is_family_name(family.folded)
            and not words.is_word(family.folded)
        ):
            return position, after + 1
        if not given.capital or not words.is_given_name(given.folded) or words.is_word(given.folded):
            return None
        known = words.is_family_name(family.folded)
        doubtful = (
            words.is_given_name(family.folded)
            or words.is_word(family.folded)
            or words.is_place(family.folded)
            or words.is_also_word(given.folded)
        )
        if (doubtful and not known) or _is_role(family.folded):
            return None
        end = self._after_given(after)
        return None if self._family_end(end, sure=True) else (position, end)

    def _family_alone(self, position: int) -> tuple[int, int] | None:
        """Return the span of a known family name after an unknown word that may be a given name."""
        first, after = self.tokens[position], position + 1
        if not self._close(after) or not first.capital or not first.name_like or self._follows_article(position):
            return None
        family = self.tokens[after]
        likely = words.may_be_family_name(family.folded) and (
            self._follows_preposition(position) or self._acts(after + 1)
        )
        known = words.is_family_name(family.folded) or likely
        known = (
            known
            and family.capital
            and family.name_like
            and not words.is_word(family.folded)
            and not words.is_place(family.folded)
        )
        if (
            not known
            or first.folded in _cues("firm words")
            or _is_role(first.folded)
            or words.is_word(first.folded)
            or words.is_place(first.folded)
            or words.is_institution(first.folded)
            or first.folded.endswith("er")
        ):
            return None
        return position, self._second_family(after + 1)

    def _without_capitals(self, position: int) -> tuple[int, int] | None:
        """Return the span of a name typed without capitals: both parts are known, and no words."""
        if not self._close(position + 1) or not self.tokens[position].text.islower():
            return None
        given, family = self.tokens[position].folded, self.tokens[position + 1].folded
        if len(given) < 4 or len(family) < 4 or not self.tokens[position + 1].text.islower():
            return None
        named = words.is_common_given_name(given) and words.is_common_family_name(family)
        return (
            (position, position + 2)
            if named and not (words.is_also_word(given) or words.is_word(given) or words.is_word(family))
            else None
        )

    # What stands around

    def _close(self, position: int, *, titles: bool = False, initial: bool = False, colon: bool = False) -> bool:
        """Tell whether a word follows the one before it with nothing between but a space (or what is allowed)."""
        if not 0 < position < len(self.tokens):
            return False
        gap = self.tokens[position].gap
        if colon:
            gap = gap.replace(":", "", 1)
        if titles:
            gap = gap.lstrip(".").replace("-", "").lstrip(".")
        elif initial and self.tokens[position - 1].dotted and len(self.tokens[position - 1].text) < 4:
            gap = gap.replace(".", "", 1).replace("-", "", 1)
        return len(gap) <= 3 and not gap.strip() and gap.count("\n") < 2

    def _particle(self, position: int) -> bool:
        return (
            position < len(self.tokens)
            and self.tokens[position].folded in _cues("particles")
            and self._close(position, initial=True)
        )

    def _is_person(self, start: int, end: int) -> bool:
        last = self.tokens[end - 1].folded
        return not (
            words.is_example(last) or self._names_a_firm(start, end) or (words.is_institution(last) and "-" in last)
        )

    def _names_a_firm(self, start: int, end: int) -> bool:
        """Tell whether the words are the name of a firm, a street or a school by what stands next to them."""
        token = self.tokens[start]
        if start and not token.opens and not token.gap.strip(" \n„“\"»«:›‹'") and _leads_a_firm(self.tokens[start - 1]):
            return True
        if end < len(self.tokens):
            token = self.tokens[end]
            gap = token.gap.strip(" ")
            if gap in ("&", "+") or (gap in ("", "-") and words.is_company(token.folded)):
                return True
            return (
                gap in ("", "-")
                and token.capital
                and words.is_institution(token.folded)
                and not words.is_family_name(token.folded)
            )
        return False
