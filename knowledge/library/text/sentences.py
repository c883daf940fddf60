"""Where sentences begin and end, in German and English text.

A thin rule-based splitter: every full stop, question or exclamation mark is looked at once, together with the word
before it and the word after it, so that the time grows with the length of the text and with nothing else. A line
break always ends a sentence, which makes items of lists and rows of tables sentences of their own.
"""

import re
from typing import NamedTuple

from knowledge.library.text.stopwords import STOP_WORDS


class Span(NamedTuple):
    """A stretch of a text: offset of its first character, and of the one after its last."""

    start: int
    end: int


_END = re.compile(r"\n|[.!?…]++[\])\"'“”‘’»«›‹*_]*+")
_NEXT = re.compile(r"\s++[\[(\"'“”„‚‘»«›‹–*_-]*+\s?([^\W_]{1,24}(?:-[^\W_]{1,24})?)?(\.?)")
_ROMAN = re.compile(r"[IVX]{2,}\Z")
_INNER_STOPS = re.compile(r"(?:[^\W\d_]{1,3}\.)+[^\W\d_]{1,3}\Z")

_OPENING = "([{„“”\"'‚‘»«›‹*_–-/"
_WINDOW = 40
"""No word before a full stop is looked at further back than this."""
_BRACKET_WINDOW = 240
"""A remark in brackets longer than this may be split."""
_ORDINAL_LIMIT = 31
"""Days of the month, centuries, classes: up to here „19. Jahrhundert" is more likely than „… waren es 19. Danach …"."""

_ABBREVIATION_LIST = """
abb abbs abh abk abs abschn abt abzgl adr allg anh anl anm apr approx aufl aug ausg az bd bde begr beil bez bezgl bgbl
bspw bzgl bzw ca cf chr co corp dept ders desgl dez dgl dienstl dipl dr dt ebd ed eds einschl engl entspr etal europ
evtl exkl fa feb febr frdl frhr fußn geb gebr gef gegr gem geogr gesch gest gez ggf ggfs ggü gov grds habil hbf hist hl
hr hrn hrsg inc ing inkl insb insbes insg jan jg jh jhd jhdt jr jul jun kap kath kfm kgl lfd ltd mgl mhd mind mio mr mrd
mrs ms mtl mwst nachm nov nr nrn näml offz okt päd pharm phil pkt prof psych publ rd rdnr rer resp rev rn rspr rz sek
sept sog sogen soz spez sr st stellv str stv svw tab techn teilw theol tsd tägl umg univ urspr vgl vol vorl vorm vors vs
wg wiss zit ziff zt zw zzgl zzt
"""
_NUMBERED_LIST = "al art bl ex fig max min no op pos tel tz var ver"
_COUNTED_LIST = (
    "§ absatz anlage art artikel kapitel klasse nummer platz s satz seite stufe tabelle abbildung rund etwa circa"
)
_ARTICLE_LIST = """
der die das dem den des am im zum zur beim vom ihr ihre ihrem ihren ihrer ihres sein seine seinem seinen seiner seines
unser unsere unserem unseren unserer jeder jede jedes jedem jeden dieser diese diesem diesen
"""
_STARTER_LIST = """
heute gestern morgen später früher zuletzt zunächst zuerst anschließend schließlich insgesamt zudem außerdem ferner
allerdings hierzu hierfür hierbei hiermit dazu neben laut trotz seitdem bisher bislang vielmehr derzeit aktuell ebenso
ebenfalls beide viele wenige mehrere allein besonders insbesondere beispielsweise zugleich gleichzeitig falls sodass
trotzdem daneben danach einst erst erstmals fast ganz gerade gleich he she it we our his her a an to no not all some
most many after before also however
"""
_ABBREVIATIONS = frozenset(_ABBREVIATION_LIST.split())
_NUMBERED = frozenset(_NUMBERED_LIST.split())
"""Abbreviations only before a number („Art. 4"), otherwise words („auf diese Art.")."""
_COUNTED = frozenset(_COUNTED_LIST.split())
"""„Das steht auf Seite 3. Menschen …": after these a number is no ordinal."""
_ARTICLES = frozenset(_ARTICLE_LIST.split())
_STARTERS = STOP_WORDS | frozenset(_STARTER_LIST.split())
"""Words that are written with a capital only where a sentence begins; a noun may also follow an abbreviation."""


def split_sentences(text: str, language: str = "de") -> list[Span]:
    """Return the sentences of ``text`` in order, without the white space between them.

    Everything but white space is in exactly one of them. ``language`` is ``de`` or ``en``: German writes „3. Mai" and
    „19. Jahrhundert" with a full stop inside the sentence.
    """
    spans: list[Span] = []
    start = 0
    for found in _END.finditer(text):
        if found[0] == "\n" or _ends_here(text, found, start, language):
            _append(spans, text, start, found.end())
            start = found.end()
    _append(spans, text, start, len(text))
    return spans


def sentence_texts(text: str, language: str = "de") -> list[str]:
    """Return the sentences of ``text`` themselves."""
    return [text[start:end] for start, end in split_sentences(text, language)]


def _append(spans: list[Span], text: str, start: int, end: int) -> None:
    part = text[start:end]
    inner = part.strip()
    if inner:
        left = start + len(part) - len(part.lstrip())
        spans.append(Span(left, left + len(inner)))


def _ends_here(text: str, found: re.Match[str], start: int, language: str) -> bool:
    upcoming = _NEXT.match(text, found.end())
    if upcoming is None:
        return False
    word = upcoming[1] or ""
    if word[:1].islower() or _inside_brackets(text, start, found.start()):
        return False
    if found[0][0] != "." or found[0].startswith(".."):
        return True
    if word.lower() in _STARTERS and not upcoming[2]:
        return not _is_item_number(text, found.start(), start)
    return not _belongs_to_word(text, found.start(), start, upcoming=word, german=language == "de")


def _inside_brackets(text: str, start: int, stop: int) -> bool:
    """Tell whether a bracket is open at ``stop`` that is closed again soon."""
    opened = text.rfind("(", max(start, stop - _BRACKET_WINDOW), stop)
    if opened < 0 or text.find(")", opened, stop + 1) >= 0:
        return False
    closed = text.find(")", stop, stop + _BRACKET_WINDOW)
    return closed >= 0 and text.find("\n", stop, closed) < 0 and text[stop + 1 : closed + 1] != ")"


def _is_item_number(text: str, stop: int, start: int) -> bool:
    """Tell whether only a number stands between the start of the sentence and the full stop („1. Einleitung")."""
    return stop - start < _WINDOW and text[start:stop].strip().lstrip(_OPENING).isdecimal()


def _belongs_to_word(text: str, stop: int, start: int, *, upcoming: str, german: bool) -> bool:
    """Tell whether the full stop at ``stop`` is part of the word before it."""
    before, word = _last_word(text[max(start, stop - _WINDOW) : stop])
    if word.isdecimal():
        return _is_item_number(text, stop, start) or (german and _is_ordinal(word, before))
    if len(word) == 1 and word.isalpha():
        return True
    lowered = word.lower()
    if lowered in _ABBREVIATIONS or (lowered in _NUMBERED and upcoming[:1].isdecimal()):
        return True
    return _ROMAN.match(word) is not None or _INNER_STOPS.match(word) is not None


def _last_word(text: str) -> tuple[str, str]:
    """Return the word at the end of ``text`` without opening signs, and the word before that."""
    words = text.rsplit(None, 2)
    if not words or text[-1].isspace():
        return "", ""
    return words[-2] if len(words) > 1 else "", words[-1].lstrip(_OPENING)


def _is_ordinal(number: str, before: str) -> bool:
    before = before.lower().rstrip(".")
    if before in _COUNTED or before in _ABBREVIATIONS:
        return False
    if len(number) <= 2 and int(number) <= _ORDINAL_LIMIT:
        return True
    return len(number) <= 3 and before in _ARTICLES
