"""Characters as people mean them: composed, visible, without the leftovers of typesetting."""

import re
import unicodedata

_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "ft", "ﬆ": "st"}
_HYPHENS = dict.fromkeys("\u2010\u2011", "-")
_SPACES = dict.fromkeys("\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))), " ")
_BREAKS = dict.fromkeys("\u0085\u2028\u2029", "\n")
# What Symbol and Wingdings fonts leave of a bullet point.
_BULLETS = dict.fromkeys("\uf0b7\uf0a7\uf0a8\uf0d8\uf0e0\uf0fc\uf076\uf06e\uf071\uf0be\uf02d", "•")
_REPLACED = _LIGATURES | _HYPHENS | _SPACES | _BREAKS | _BULLETS

# Controls, zero-width and direction marks, variation selectors, private use, halves of pairs, non-characters.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff\ue000-\uf8ff\U000f0000-\U0010ffff\U000e0000-\U000e0fff]"
)
_REPLACEABLE = re.compile("[" + "".join(_REPLACED) + "]")
_SOFT_BREAK = re.compile("\u00ad[ \t]*\r?\n[ \t]*")
_LOOSE_UMLAUT = re.compile("(?:¨ ?([aouAOU]))")


def clean_characters(text: str) -> str:
    """Return ``text`` in NFC without soft hyphens, ligatures, odd spaces, control and zero-width characters.

    Line breaks, tabs and form feeds stay; ``\\r\\n`` becomes ``\\n``. A soft hyphen at a line end joins the word.
    """
    if text.isascii():
        return _without_controls(text)
    text = _SOFT_BREAK.sub("", text)
    text = _REPLACEABLE.sub(lambda match: _REPLACED[match[0]], text)
    text = _LOOSE_UMLAUT.sub(lambda match: match[1] + "\u0308", text)  # TeX sets the dots apart from the letter
    return unicodedata.normalize("NFC", _without_controls(text))


def _without_controls(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNSEEN.sub("", text)


_SPACE = re.compile(r"\s+")


def one_line(text: str) -> str:
    """Return clean ``text`` on one line, with single spaces."""
    return _SPACE.sub(" ", clean_characters(text)).strip()
