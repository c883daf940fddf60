"""Understanding „Hat eine Kommune wie unsere das schon gemacht?" in its many wordings, German and English.

A question is meant so when it has two parts: it speaks of organisations *like ours* (``_LIKE_US``), and it asks whether
they *have done or know* something (how it begins, and a word such as „schon", „Erfahrungen", „eingeführt"). Questions
that ask what such organisations must, may, pay or should do are none.
"""

import re
from dataclasses import dataclass

from knowledge.library.answers.followups import content_words

# Longer texts tell something rather than ask.
LONGEST = 400


def _pattern(text: str) -> re.Pattern[str]:
    """Return a pattern that also reads what people type who have no umlauts on their keyboard."""
    for letter, others in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        text = text.replace(letter, f"(?:{letter}|{others})")
    return re.compile(text, re.IGNORECASE)


_HOUSE = (
    r"(?:(?:klein|groß|land|verbands|samt|kreis|nachbar|mittel)?(?:kommunen?|gemeinden?|stadt|städten?|städte|ämtern?|amt|"
    r"landkreis(?:en?)?|kreis(?:en?)?|verwaltung(?:en)?|orten?|ort|dorf|dörfern?|behörden?|häusern?|haus|jemand|andere)|"
    r"municipalit(?:y|ies)|towns?|cit(?:y|ies)|villages?|councils?|districts?|authorit(?:y|ies)|communit(?:y|ies)|"
    r"anybody|anyone|someone|somebody|others)"
)
_US = r"(?:die |der |den |das |dem )?(?:unser(?:e[rnms]?|[ns])?|unsrige?n?|wir|uns)\b"
_SIZE = r"(?:größe|größenordnung|größenklasse|einwohnerzahl)"
_LIKE_US = _pattern(
    "|".join(
        (
            rf"\b{_HOUSE}(?:,? (?:so )?(?:groß|klein)| mit [\w.]+ einwohnern)? ?(?:so )?wie (?:bei )?{_US}"
            r"(?! auch\b| \w+ (?:haben|hat|habt)\b)",
            rf"\b(?:in|von|mit|aus|bei)? ?(?:etwa |ungefähr )?(?:unserer|ähnlicher|vergleichbarer|gleicher) {_SIZE}\b",
            rf"\b(?:unge)?(?:fähr |etwa )?(?:genau)?so (?:groß|klein|(?:viele|wenige)n? \w+) (?:ist |sind )?wie {_US}",
            rf"\b(?:ähnlich|gleich|vergleichbar) (?:große?|kleine?)[nrms]? {_HOUSE}\b",
            rf"\b(?:ähnliche|vergleichbare)[nrms]? (?:große?[nrms]? |kleine?[nrms]? )?{_HOUSE}\b",
            r"\b(?:mit uns vergleichbar|uns ähnlich)\w*(?: ist| sind)?",
            rf"\b{_HOUSE}(?: \w+)? (?:like|similar to|comparable to|the size of) (?:ours|us|our own)\b",
            r"\b(?:of )?our (?:own )?size\b|\bof (?:a )?(?:similar|comparable) size\b",
            r"\bas (?:big|small|large) as (?:we are|us|ours)\b",
            rf"\b(?:similar|comparable)(?:ly sized)? {_HOUSE}\b",
        )
    )
)
_FILLER = _pattern(
    r"^(?:(?:und|aber|ok|okay|danke|gut|hallo|moin|guten (?:tag|morgen)|frage|also|eigentlich|and|but|"
    r"so|hi|hello)\b[\s,.!:–-]*)+"
)
# How such a question begins; those that begin so alone must name whom they mean soon.
_BEGINS = _pattern(
    r"(?:hat|haben|habt|hatten?|ist|sind|war(?:en)?|wurden?|wird|werden|nutz(?:t|en)|mach(?:t|en)|setz(?:t|en)|"
    r"verwende(?:t|n)|arbeite(?:t|n)|biete(?:t|n)|betreib(?:t|en)|has|have|did|does|do)\b"
)
_BEGINS_WITH_WHOM = _pattern(
    rf"(?:(?:gibts?|gab|gäbe)(?: es)?|(?:kennt|kennst|kennen|weiß|wissen)(?: \w+)?|welche[rnms]?|(?:is|are|were) there|"
    rf"which|any|(?:ich|wir) suchen?|wie weit (?:sind|ist))\b(?: [\w-]+){{0,3}}? "
    rf"(?:{_HOUSE}|erfahrung(?:en)?|experiences?)\b|(?:wer|who)\b|(?:gibts?|gab)(?: es)? (?:das|so ?etwas|sowas)\b|"
    r"(?:wo|where) (?:wurden?|hat|haben|gibt|gab|ist|sind|macht|nutzt|läuft|has|have|did|was)\b"
)
_DONE = _pattern(
    r"\b(?:schon|bereits|jemals|schonmal|mal|erfahrung(?:en)?|bewährt|already|before|ever|experiences?|"
    r"nutz(?:t|en)|einsetz(?:t|en)|anbiete(?:t|n)|verwende(?:t|n)|betreib(?:t|en)|machen|hat|haben|mit|use[sd]?|using|tried|"
    r"done|have|has|"
    r"(?!(?:genau|gesamt|gerecht|geboten|gelten|geben|gehen)\b)(?:\w*ge\w{2,}(?:t|en)|\w{3,}iert|(?:be|ver|er|ent)\w{3,}(?:t|en)))\b"
)
_DUTY = _pattern(
    r"\b(?:verpflicht\w+|pflicht(?:en)?|anspruch|berechtigt|zuständig|erlaubt|das recht|dürfen|darf|muss|müssen|"
    r"allowed|obliged|required|have to|has to)\b"
)
# Words that say that something was done, and not what.
_GENERIC = _pattern(
    rf"(?:{_HOUSE}|ne[nr]?|(?:aus|durch|vor|mit)?ge(?:macht|than|testet|nutzt|habt|setzt|führt|hört|sammelt|laufen)|(?:aus)?probiert|eingeführt|"
    r"umgesetzt|eingesetzt|einsetz(?:t|en)|genutzt|nutz(?:t|en)|verwende(?:t|n)|anbiete(?:t|n)|angeboten|abgeschlossen|"
    r"angeschafft|versucht|gestartet|bewährt|erfahrung(?:en)?|groß\w*|klein\w*|größe\w*|ähnlich\w*|vergleichbar\w*|"
    r"einwohner\w*|irgendeine?[nrms]?|jemand\w*|mach(?:t|en)|setz(?:t|en)|kenn(?:t|st|en)|schon|schonmal|bereits|mal|"
    r"done|did|tried|tests?|tested|made|make|used?|using|introduced|experiences?|already|before|ever|small|big|size|ours?|"
    r"similar|comparable|like|there|any(?:body|one)?|which)"
)
_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class AlikeQuestion:
    """A question for what organisations like the asker's did; ``words`` says what, none: what was asked before."""

    words: str

    @property
    def goes_on(self) -> bool:
        """Whether it can only be understood from the question before."""
        return not self.words


def read_alike(text: str) -> AlikeQuestion | None:
    """Return what a question asks of organisations like one's own; ``None`` for any other question."""
    plain = _SPACES.sub(" ", text).strip()
    if len(plain) > LONGEST:
        return None
    plain = _FILLER.sub("", plain)
    like_us = _LIKE_US.search(plain)
    if like_us is None or _DUTY.search(plain):
        return None
    rest = _LIKE_US.sub(" ", plain)
    # „In unserer Größe, hat das schon jemand gemacht?" begins behind the comma.
    if not any(begins.match(part) for begins in (_BEGINS, _BEGINS_WITH_WHOM) for part in (plain, rest.lstrip(" ,:"))):
        return None
    if not _DONE.search(rest):
        return None
    return AlikeQuestion(_subject(rest))


def _subject(rest: str) -> str:
    """Return the words that say what is meant, in their order; empty where there are none."""
    return " ".join(word for word in content_words(rest) if not _GENERIC.fullmatch(word))
