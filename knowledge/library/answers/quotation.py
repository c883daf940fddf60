"""Choosing what to quote: few whole sentences that most likely hold the answer, best first.

Every sentence of the best passages gets a score from three things: how high its passage ranks, how much of the question
it covers, and whether it has what is asked for (a number for „wie viele"). A softmax turns the scores into shares of
belief. Sentences are shown that are nearly as likely as the best one: a clear case shows one sentence, an
unclear one shows more. The few weights are those of a conditional logit, rounded.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from knowledge.library.answers.coverage import ABOVE, Question, QuestionWord, covered
from knowledge.library.text.analysis import grams_in, words_of
from knowledge.library.text.duplicates import same_text
from knowledge.library.text.passages import BULLET
from knowledge.library.text.sentences import Span, split_sentences


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that may be quoted, with its score from ranking (any scale above 0, higher is better).

    Passages of the same ``group`` are of near-duplicate documents; such a text is quoted once.
    """

    id: int
    text: str
    score: float
    quotable: bool = True
    group: str | None = None
    document: str = ""
    position: int = 0
    """Which passage of its document it is."""
    context: str = ""
    """Title and headings above it; they speak for every sentence below them."""


@dataclass(frozen=True, slots=True)
class Quotation:
    """Sentences of one passage in its order; in ``text`` „ … " stands where some between them are left out.

    ``belief`` is the share of belief, 0 to 1, that the answer is here rather than elsewhere in what was found.
    """

    id: int
    spans: tuple[Span, ...]
    text: str
    belief: float


@dataclass(frozen=True, slots=True)
class QuotationLimits:
    """What is looked at and shown, in passages, sentences, and characters of one whole answer."""

    passages: int = 5
    sources: int = 3
    sentences: int = 5
    characters: int = 700
    """A phone's screen. One sentence, or one list, is shown even where it is longer."""
    list_characters: int = 600
    """A longer list is quoted by its items."""
    likely: float = 0.2
    """A sentence is shown when it is at least this likely beside the best one."""
    likely_elsewhere: float = 0.3
    """The same for a sentence of another passage, which comes with a source of its own to be read."""
    near: float = 0.7
    """Another passage is quoted only when its score is at least this share of the first one's."""
    short: int = 200
    """An answer shorter than this is continued with what follows it, …"""
    continued: int = 330
    """… up to this length."""
    adds: float = 0.05
    """Where several things are asked at once, a sentence is added that covers so much more of the question."""


@dataclass(slots=True, eq=False)
class _Unit:
    """A sentence, a row, an item, or a short list with the sentence that leads into it."""

    candidate: Candidate
    spans: tuple[Span, ...]
    number: int
    """Its place among the units of its passage."""
    context: int | None
    """Number of the unit without which it cannot be understood."""
    words: str
    belief: float = 0.0
    covers: tuple[float, ...] = ()
    """Share of the question that it covers, by its words."""

    @property
    def length(self) -> int:
        return len(self.words)

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands in its document."""
        return self.candidate.position, self.number


DEFAULT = QuotationLimits()
GAP = " … "
SCORE_WEIGHT, COVERAGE_WEIGHT, EXPECTED_WEIGHT = 4.5, 6.0, 1.0
"""Of the passage's score beside the best one's, of the share of the question covered, of having what is asked for."""
CHANCE = 0.4
MOSTLY = 0.6
"""A sentence with this share of a word's grams has the word."""

_NOWHERE = (1_000_000, 0)
_BULLET = f"{BULLET} "
_SEVERAL = re.compile(
    r"\b(?:und|sowie|bzw\.|and)\s+(?:\w{2,4}\s+)?(?:w(?:er|em|en|as|ie|o|ann|arum|eshalb|ozu|elche[mnrs]?)|wh\w+|how)\b",
    re.IGNORECASE,
)
"""„In welche Klasse …, und welche Pflicht …?" asks for two things."""
_ITEM = re.compile(r"(?:[•–-]|\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)])\s")
_DANGLING = re.compile(
    r"(?:[„“\"»]\s*)?(?:Dies(?:e[mnrs]?)?|Er|Sie|Es|Ihr[e]?[mnrs]?|Sein[e]?[mnrs]?|Dabei|Dadurch|Damit|Dazu|Dafür|Darauf|"
    r"Daraus|Darin|Darüber|Darunter|Davon|Deshalb|Deswegen|Daher|Demnach|Hierbei|Hierfür|Hierzu|Hiermit|Hier|Letzter\w*|"
    r"Das (?:ha(?:t|ben|tten?)|war(?:en)?|ist|sind|wird|geht|ging|kann|macht|kostete?)|In (?:diese[mnr]|solchen) \w+|"
    r"Ein Beispiel (?:dafür|hierfür)|Beide|Außerdem|Zudem|Jedoch|Allerdings|Dennoch|Auch|So|"
    r"Solche\w*|This|These|It|They|He|She|Therefore|However)\b"
)
_WHEN = re.compile(
    r"\bwann\b|\bwelche[mnrs]? (?:\w+ )?(?:jahr|datum|tag|monat|jahrhundert|jahrzehnt|frist)|\bwhen\b|\bwhat year\b",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(
    r"\bwas kosten?t?\b|\bgekostet\b|"
    r"\bwie ?(?:viele?n?|vielen?|hoch|groß|lange?|weit|oft|teuer|schnell|schwer|alt|häufig|breit|tief)\b|\bprozent|"
    r"\bwelche[mnrs]? (?:\w+ )?(?:zahl|anzahl|höhe|summe|anteil|betrag|größe|menge|alter)|"
    r"\bhow (?:many|much|long|old)\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\d|jahrhundert|januar|februar|märz|april|\bmai\b|juni|juli|august|september|oktober|november|dezember",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"\d|\b(?:null|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf|\w+zehn|\w*dreißig|\w*(?:zwan|vier|fünf|sech|sieb|acht|neun)zig|"
    r"\w*hundert\w*|\w*tausend\w*|million\w*|milliarde\w*|hälfte|drittel|viertel|dutzend|prozent|two|three|four|five|six|seven|eight|nine|ten)\b",
    re.IGNORECASE,
)


def choose_quotations(
    text: str, question: Question, candidates: Sequence[Candidate], *, limits: QuotationLimits = DEFAULT
) -> list[Quotation]:
    """Return what to quote for the question ``text``, best first; nothing where nothing may be quoted.

    ``question`` is the same question analysed, ``candidates`` are passages, best first.
    """
    passages = _distinct([one for one in candidates if one.quotable][: 2 * limits.passages])[: limits.passages]
    units = [unit for candidate in passages for unit in _units(candidate, limits)]
    if not units:
        return []
    _believe(units, text, question)
    if _SEVERAL.search(text):
        # One sentence for each thing asked leaves less room for what is as likely as the first.
        chosen = [max(units, key=lambda unit: unit.belief)]
        _complete(chosen, units, limits)
    else:
        chosen = _choose(units, limits)
    _add_context(chosen, units, limits)
    _continue(chosen, units, limits)
    return _quotations(chosen)


def _distinct(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Leave out passages that say the same as a better one in a near-duplicate or elsewhere."""
    kept: list[Candidate] = []
    for candidate in candidates:
        if not any(same_text(candidate.text, other.text) for other in kept):
            kept.append(candidate)
    return kept


def _units(candidate: Candidate, limits: QuotationLimits) -> list[_Unit]:
    text, spans = candidate.text, split_sentences(candidate.text)
    units: list[_Unit] = []
    lead: int | None = None
    index = 0
    while index < len(spans):
        start = spans[index].start
        lead = lead if _is_listed(text, spans, index) else None
        context = lead if lead is not None else _needed(text, spans[index], units)
        end = _list_end(text, spans, index)
        if end > index + 1 and spans[end - 1].end - start > limits.list_characters:
            lead, end = len(units), index + 1
        taken = tuple(spans[index:end])
        units.append(_Unit(candidate, taken, len(units), context, text[start : taken[-1].end]))
        index = end
    return units


def _list_end(text: str, spans: Sequence[Span], lead: int) -> int:
    """Return the number of the first sentence after the list into which ``lead`` leads, or after ``lead``."""
    end = lead + 1
    if text[spans[lead].end - 1] != ":" or end == len(spans) or not _ITEM.match(text, spans[end].start):
        return end
    while end < len(spans) and _is_listed(text, spans, end):
        end += 1
    return end


def _is_listed(text: str, spans: Sequence[Span], index: int) -> bool:
    """Tell whether a sentence begins an item of a list, or goes on with the line before it."""
    if _ITEM.match(text, spans[index].start):
        return True
    return index > 0 and "\n" not in text[spans[index - 1].end : spans[index].start]


def _needed(text: str, span: Span, before: Sequence[_Unit]) -> int | None:
    """Return the number of the unit before, where the sentence refers back to it („Dies …")."""
    if before and _DANGLING.match(text, span.start):
        return before[-1].number
    return None


def _believe(units: Sequence[_Unit], text: str, question: Question) -> None:
    """Give each unit its share of belief."""
    best = max(unit.candidate.score for unit in units)
    _cover(units, question)
    asked = frozenset(word.lower() for word in words_of(text))
    scores = [
        SCORE_WEIGHT * (unit.candidate.score / best if best > 0 else 1.0)
        + COVERAGE_WEIGHT * sum(unit.covers)
        + EXPECTED_WEIGHT * _has_expected(text, unit.words, asked)
        for unit in units
    ]
    highest = max(scores)
    powers = [math.exp(score - highest) for score in scores]
    total = sum(powers)
    for unit, power in zip(units, powers, strict=True):
        unit.belief = power / total


def _cover(units: Sequence[_Unit], question: Question) -> None:
    """Note which share of the question each unit covers.

    A word counts the more the fewer of these very units have it: what all of them speak of does not tell them apart.
    """
    own = [[_share(word, unit.words) for word in question.words] for unit in units]
    above = [[_share(word, unit.candidate.context) for word in question.words] for unit in units]
    shares = [
        [max(here, ABOVE * there) for here, there in zip(*rows, strict=True)] for rows in zip(own, above, strict=True)
    ]
    having = [sum(share >= MOSTLY for share in column) for column in zip(*own, strict=True)]
    weights = [math.log(1 + len(units) / (0.5 + count)) for count in having]
    total = sum(weights)
    for unit, row in zip(units, shares, strict=True):
        unit.covers = tuple(weight * share / total for weight, share in zip(weights, row, strict=True))


def _share(word: QuestionWord, text: str) -> float:
    """Return which share of a word's grams a text has; little of it is chance („Unterschied", „unterstreichen")."""
    share = math.sqrt(covered(word, grams_in(text)))
    return share if share >= CHANCE else 0.0


def _has_expected(question: str, sentence: str, asked: frozenset[str]) -> bool:
    """Tell whether a number or date is asked for and the sentence has one that the question does not have itself."""
    pattern = _DATE if _WHEN.search(question) else _NUMBER if _HOW_MANY.search(question) else None
    if pattern is None:
        return False
    return any(pattern.search(word) for word in words_of(sentence) if word.lower() not in asked)


def _choose(units: Sequence[_Unit], limits: QuotationLimits) -> list[_Unit]:
    """Take the units that are nearly as likely as the best one, as many as there is room for."""
    best, *others = sorted(units, key=lambda unit: -unit.belief)
    chosen = [best]
    for unit in others:
        if unit.belief < limits.likely * best.belief or len(chosen) == limits.sentences:
            break
        if _is_near(unit, best, limits) and _fits(unit, chosen, limits):
            chosen.append(unit)
    return chosen


def _is_near(unit: _Unit, best: _Unit, limits: QuotationLimits) -> bool:
    """Tell whether a unit is of the best one's passage, or of another one that is good enough to be quoted as well."""
    if unit.candidate is best.candidate:
        return True
    near = unit.candidate.score >= limits.near * best.candidate.score
    return near and unit.belief >= limits.likely_elsewhere * best.belief


def _complete(chosen: list[_Unit], units: Sequence[_Unit], limits: QuotationLimits) -> None:
    """Add to ``chosen`` what covers words of the question that nothing chosen covers, from the same documents."""
    documents = {unit.candidate.document for unit in chosen}
    nearby = [unit for unit in units if unit.candidate.document in documents]
    while len(chosen) < limits.sentences:
        covered_so_far = [max(shares) for shares in zip(*(unit.covers for unit in chosen), strict=True)]
        gains = [(_gain(unit, covered_so_far), unit) for unit in nearby if _fits(unit, chosen, limits)]
        most = max((gain for gain, _unit in gains), default=0.0)
        if most < limits.adds:
            return
        nearly = [unit for gain, unit in gains if gain > 0.9 * most]
        chosen.append(min(nearly, key=lambda unit: (_before(unit, chosen), -unit.belief)))


def _gain(unit: _Unit, covered_so_far: Sequence[float]) -> float:
    return sum(max(0.0, share - had) for share, had in zip(unit.covers, covered_so_far, strict=True))


def _before(unit: _Unit, chosen: Sequence[_Unit]) -> tuple[int, int]:
    """Return how far the unit stands before something chosen; what leads up to it explains it best."""
    places = [other.place for other in chosen if other.candidate.document == unit.candidate.document]
    distances = [(place[0] - unit.place[0], place[1] - unit.place[1]) for place in places if place > unit.place]
    return min(distances, default=_NOWHERE)


def _continue(chosen: list[_Unit], units: Sequence[_Unit], limits: QuotationLimits) -> None:
    """Add what follows the best unit of a short answer; a following item of a list is another matter."""
    best = chosen[0]
    for unit in [other for other in units if other.candidate is best.candidate][best.number + 1 :]:
        length = _length(chosen)
        if length >= limits.short or length + unit.length > limits.continued:
            return
        if _ITEM.match(unit.words) and not best.words.endswith(":"):
            return
        if unit not in chosen:
            chosen.append(unit)


def _length(units: Iterable[_Unit]) -> int:
    return sum(unit.length for unit in units)


def _fits(unit: _Unit, chosen: Sequence[_Unit], limits: QuotationLimits) -> bool:
    return _length(chosen) + unit.length <= limits.characters and _is_new(unit, chosen, limits)


def _is_new(unit: _Unit, chosen: Sequence[_Unit], limits: QuotationLimits) -> bool:
    """Tell whether a unit adds something: not what was quoted already, not from one source too many."""
    if any(same_text(unit.words, other.words) for other in chosen):
        return False
    sources = {other.candidate.id for other in chosen}
    if any(_is_copy(unit.candidate, other.candidate) for other in chosen):
        return False
    return unit.candidate.id in sources or len(sources) < limits.sources


def _is_copy(candidate: Candidate, other: Candidate) -> bool:
    same_group = candidate.group is not None and candidate.group == other.group
    return same_group and candidate.document != other.document


def _add_context(chosen: list[_Unit], units: Sequence[_Unit], limits: QuotationLimits) -> None:
    """Add to ``chosen`` what its units refer back to, as far as there is room."""
    places = {(unit.candidate.id, unit.number): unit for unit in units}
    for unit in tuple(chosen):
        if unit.context is None:
            continue
        needed = places[unit.candidate.id, unit.context]
        if needed not in chosen and _length(chosen) + needed.length <= limits.characters:
            chosen.append(needed)


def _quotations(chosen: Iterable[_Unit]) -> list[Quotation]:
    """Put the sentences of each passage together: the best document first, and in each what is most likely."""
    likely = sorted(chosen, key=lambda unit: -unit.belief)
    best: dict[str, float] = {}
    for unit in likely:
        best[unit.candidate.document] = max(unit.candidate.score, best.get(unit.candidate.document, 0.0))
    by_passage: dict[int, list[_Unit]] = {}
    for unit in sorted(likely, key=lambda unit: -best[unit.candidate.document]):
        by_passage.setdefault(unit.candidate.id, []).append(unit)
    ordered = list(by_passage.values())
    for index, (first, second) in enumerate(pairwise(ordered)):
        one, other = first[0].candidate, second[0].candidate
        if one.document == other.document and one.position == other.position + 1:
            ordered[index : index + 2] = second, first
            break
    return [_quotation(sorted(units, key=lambda unit: unit.number)) for units in ordered]


def _quotation(units: Sequence[_Unit]) -> Quotation:
    text = units[0].words
    for before, unit in pairwise(units):
        if unit.number == before.number + 1:
            text += unit.candidate.text[before.spans[-1].end : unit.spans[0].start] + unit.words
        else:
            text += GAP + unit.words.removeprefix(_BULLET)
    spans = tuple(span for unit in units for span in unit.spans)
    if "\n" not in text:
        text = text.removeprefix(_BULLET)
    return Quotation(units[0].candidate.id, spans, text, min(1.0, sum(unit.belief for unit in units)))
