"""Going on: a question that is understood from what was asked and cited before.

Rules that can be explained say whether a question may go on from the one before it: how it begins, whether it points
back („das", „dort", „davon"), how few content words it has. Then the evidence decides: how sure the library is of the
question alone, and how well the documents cited before have the question's own words.
"""

import re
from dataclasses import dataclass, replace
from uuid import UUID

from knowledge.access.visibility import Viewer
from knowledge.library.answers.retrieval import Retrieved, Retriever, Within
from knowledge.library.indexes.queries import Expansion
from knowledge.library.text.analysis import is_function_word, is_light_word, terms_of_word, words_of
from knowledge.organisations.states import STATES

# Words of the earlier questions count so much beside the question's own.
EARLIER_WEIGHT = 0.3
# Of earlier questions so many words are taken.
MOST_EARLIER = 12
# However well the words fit, that they are meant so is an inference: a careful person should look.
MOST_CERTAIN = 0.85
# Where nothing but words like „gemacht" speaks for it.
LEAST_CERTAIN = 0.5
# From this share of a question's own words on, the documents cited before have what it asks for.
FITS = 0.4
# A question with more content words than this has a subject of its own, unless it points back.
FEW_WORDS = 2

_BEGINS = re.compile(
    r"(?:(?:ok|okay|danke|gut|ah|aha|super|und|aber|auch|oder|also|dann|and|but|so|or)\b[\s,.!:–-]*)+", re.IGNORECASE
)
_POINTS_BACK = re.compile(
    r"\b(?:das|dies(?:e[mnrs]?)?|es|dort|da|davon|dafür|dazu|damit|dabei|darin|daran|darauf|daraus|darüber|danach|"
    r"dagegen|deren|dessen|denen|solche[mnrs]?|so (?:ein(?:e[mnrs]?)?|etwas|was)|sie|ihn|ihm|ihr|"
    r"that|this|it|there|they|them|those|its|their)\b",
    re.IGNORECASE,
)
# „das Büro", „die genaue Vermessung": an article before a noun points nowhere.
_ARTICLE = re.compile(r"\b(?:das|die|der|diese[mnrs]?|that|this)\s+(?:\w{3,}[enr]\s+)?[A-ZÄÖÜ]\w+")
# „…, das wir nutzen" goes on within the question, and „gibt es" points nowhere.
_CLAUSE = re.compile(
    r",\s*(?:das|dass|die|der|that)\b|\b(?:gibt|gab|geht) es\b|\bes (?:gibt|gab)\b|\bis there\b", re.IGNORECASE
)
# „Mit welchem Amt haben die angefangen?": no noun follows, so the article stands for one.
_STANDS_FOR_NOUN = re.compile(r"\b(?:die|der|den)\b(?![^?.!,]*[A-ZÄÖÜ])")
_NOUN = re.compile(r"(?<=\s)[A-ZÄÖÜ]\w")

# What short questions ask for in one word, and the words by which texts answer that.
_ASPECTS = {
    "kosten kostet kostete gekostet teuer preis preise bezahlt verlangt cost costs expensive price": "Euro Kosten",
    "dauer dauert dauerte gedauert lange lang long take took": "dauerte Wochen Monate Jahre",
    "problem probleme schwierigkeiten schwierig nachteile ärger streit beschwerden problems trouble": (
        "Problem Stolpersteine schwierig Ärger Streit gestritten Beschwerden"
    ),
    "förderung gefördert fördermittel zuschuss zuschüsse funding funded": (
        "Fördermittel Förderprogramm Bundesmittel Landesmittel Zuschuss"
    ),
    "dienstvereinbarung betriebsvereinbarung personalrat mitbestimmung agreement": (
        "Dienstvereinbarung Personalrat Personalvertretung Mitbestimmung Beschäftigte"
    ),
    "pflicht vorschrift vorgeschrieben erlaubt rechtlich law legal": "Pflicht verpflichtet Recht",
}
_BY_WORD = {word: tuple(others.split()) for words, others in _ASPECTS.items() for word in words.split()}
ASPECT_WEIGHT = 1.0


@dataclass(frozen=True, slots=True)
class Before:
    """What a new question may go on from: the earlier questions, the latest first, and the documents cited last."""

    questions: tuple[str, ...]
    documents: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Signs:
    """What a question itself says about whether it goes on from another one."""

    begins: bool
    points_back: bool
    content_words: int

    @property
    def needs_before(self) -> bool:
        """Whether it says too little to be understood alone: „Und bis wann?"."""
        return self.points_back or (self.begins and self.content_words <= 1)

    @property
    def has_own_subject(self) -> bool:
        """Whether it names what it is about, so that nothing earlier is needed."""
        return not self.points_back and self.content_words > FEW_WORDS


def read_signs(text: str) -> Signs:
    """Return what speaks for ``text`` going on from an earlier question."""
    begins = _BEGINS.match(text.lstrip())
    rest = text.lstrip()[begins.end() :] if begins else text
    pointing = _CLAUSE.sub(",", _ARTICLE.sub("", rest))
    stands_for_noun = (begins or _NOUN.search(rest)) and _STANDS_FOR_NOUN.search(rest)
    points_back = _POINTS_BACK.search(pointing) or stands_for_noun
    return Signs(begins is not None, bool(points_back), len(content_words(rest)))


def asked_state(text: str) -> str | None:
    """Return the key of the Land that a question names („Gilt das auch in Brandenburg?")."""
    named = {word.lower() for word in re.findall(r"\w[\w-]+", text)}
    return next((key for key, (_short, name) in STATES.items() if name.lower() in named), None)


def aspect_words(text: str) -> tuple[Expansion, ...]:
    """Return the words by which texts answer what ``text`` asks for in one word („gekostet": „Euro")."""
    asked = {word: _BY_WORD[word.lower()] for word in words_of(text) if word.lower() in _BY_WORD}
    return tuple(Expansion(others, ASPECT_WEIGHT, word) for word, others in asked.items())


def content_words(text: str) -> list[str]:
    """Return the words of ``text`` that name something, each once."""
    words = (word for word in words_of(text) if not is_function_word(word) and not is_light_word(word))
    return list(dict.fromkeys(words))


def earlier_words(before: Before, text: str) -> Expansion | None:
    """Return the content words of the earlier questions that ``text`` does not have itself."""
    own = {stem for word in words_of(text) for stem in terms_of_word(word)[0]}
    words = [
        word
        for question in before.questions
        for word in content_words(question)
        if not own.issuperset(terms_of_word(word)[0])
    ]
    terms = tuple(dict.fromkeys(words))[:MOST_EARLIER]
    return Expansion(terms, EARLIER_WEIGHT) if terms else None


async def understand(
    retriever: Retriever, alone: Retrieved, before: Before | None, *, viewer: Viewer
) -> Retrieved | None:
    """Return what is found for a question as going on from earlier ones; ``None`` where it stands alone.

    A question with a subject of its own stands alone. Another one goes on where the documents cited before have its
    own words. Where they do not, it still does if it points back, for then any other document would answer something
    that nobody asked: the confidence is low and the library abstains.
    """
    signs = read_signs(alone.text)
    if before is None or not before.documents or signs.has_own_subject:
        return None
    wordings = aspect_words(alone.text)
    asked = Within(before.documents, wordings, earlier_words(before, alone.text))
    within = await retriever.retrieve_within(alone, asked, viewer)
    fit = min(_fit(within), MOST_CERTAIN if signs.content_words or wordings else LEAST_CERTAIN)
    if not within.passages or (fit < FITS and not signs.needs_before):
        return None
    return replace(within, confidence=fit)


def _fit(within: Retrieved) -> float:
    """Return which share of the question's own words one sentence has at most, with the headings above it."""
    return max((item.rank.sentence for item in within.passages), default=0.0)
