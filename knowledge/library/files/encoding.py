"""Which encoding a text is in, told from its bytes."""

import codecs

from knowledge.library.files.errors import UndecodableText

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like UTF-16's mark, so it is asked first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 8192
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\f\x1b\x08")) + b"\x7f"


def decode(data: bytes) -> str:
    """Return the text of ``data``: by its byte-order mark, as UTF-16 by its zeros, as UTF-8, else as CP1252.

    Raises UndecodableText for what is no text.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data.decode(name, errors="replace")
    if unmarked := _utf16_without_mark(data):
        return data.decode(unmarked, errors="replace")
    if _looks_binary(data):
        raise UndecodableText
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_faulty(data)


def looks_like_text(head: bytes) -> bool:
    """Whether the first bytes of a file can be text in an encoding that ``decode`` knows."""
    marked = any(head.startswith(mark) for mark, _ in _MARKS)
    return marked or _utf16_without_mark(head) is not None or not _looks_binary(head)


def _utf16_without_mark(data: bytes) -> str | None:
    """Latin letters in UTF-16 have a zero as every second byte."""
    sample = data[: _SAMPLE - _SAMPLE % 2]
    pairs = len(sample) // 2
    if pairs < 2:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > 0.5 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    return "utf-16-be" if even > 0.5 * pairs and odd < 0.05 * pairs else None


def _looks_binary(data: bytes) -> bool:
    sample = data[:_SAMPLE]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return controls > max(8, len(sample) // 20)


def _decode_faulty(data: bytes) -> str:
    """UTF-8 with a few broken bytes stays UTF-8; otherwise it is CP1252, or Latin-1 where that has holes."""
    text = data.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    whole = sum(character > "\x7f" for character in text) - broken
    if whole > 4 * broken:
        return text
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")
