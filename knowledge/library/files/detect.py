"""What kind of file it is: by its content first, then by its name."""

from typing import Literal

from knowledge.library.files.archive import check_archive, read_member
from knowledge.library.files.encoding import looks_like_text
from knowledge.library.files.errors import DamagedFile, EncryptedFile, UndecodableText, UnknownFileType
from knowledge.library.files.source import Source

FileKind = Literal["pdf", "docx", "pptx", "xlsx", "odt", "odp", "ods", "rtf", "html", "markdown", "text"]

_BY_SUFFIX: dict[str, FileKind] = {
    ".pdf": "pdf",
    ".docx": "docx",
    ".docm": "docx",
    ".dotx": "docx",
    ".pptx": "pptx",
    ".pptm": "pptx",
    ".ppsx": "pptx",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".odt": "odt",
    ".ott": "odt",
    ".odp": "odp",
    ".ods": "ods",
    ".rtf": "rtf",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".text": "text",
}
KNOWN_SUFFIXES = frozenset(_BY_SUFFIX)
_TEXT_KINDS = ("html", "markdown", "text")
_OFFICE: dict[str, FileKind] = {"word/document.xml": "docx", "ppt/presentation.xml": "pptx", "xl/workbook.xml": "xlsx"}
_OPEN_DOCUMENT: tuple[tuple[bytes, FileKind], ...] = (
    (b"application/vnd.oasis.opendocument.text", "odt"),
    (b"application/vnd.oasis.opendocument.presentation", "odp"),
    (b"application/vnd.oasis.opendocument.spreadsheet", "ods"),
)
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # old Office files, and new ones with a password
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_HEAD = 8192


def detect_kind(source: Source) -> FileKind:
    """Return the kind of an open file.

    Raises UnknownFileType for what we do not read, DamagedFile or UndecodableText where a name promises what the
    content does not hold, EncryptedFile and ZipBomb.
    """
    source.file.seek(0)
    head = source.file.read(_HEAD)
    promised = _BY_SUFFIX.get(source.suffix)
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-") or (promised == "pdf" and b"%PDF-" in head[:1024]):
        return "pdf"
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zipped_kind(source, promised)
    if head.startswith(_COMPOUND):
        raise _of_compound(source)
    if head.lstrip().startswith(b"{\\rtf"):
        return "rtf"
    return _text_kind(head, source.suffix, promised)


def _zipped_kind(source: Source, promised: FileKind | None) -> FileKind:
    try:
        names = check_archive(source.file, source.limits)
    except DamagedFile:
        if promised is None:  # some other, broken archive is none of our business
            raise UnknownFileType from None
        raise
    for name, kind in _OFFICE.items():
        if name in names:
            return kind
    if "mimetype" in names:
        stated = read_member(source.file, "mimetype", 200)
        for prefix, kind in _OPEN_DOCUMENT:
            if stated.startswith(prefix):
                _refuse_encrypted(source, names)
                return kind
    raise UnknownFileType


def _refuse_encrypted(source: Source, names: frozenset[str]) -> None:
    manifest = "META-INF/manifest.xml"
    if manifest in names and b"encryption-data" in read_member(source.file, manifest, 1_000_000):
        raise EncryptedFile


def _of_compound(source: Source) -> Exception:
    return EncryptedFile() if _ENCRYPTED_PACKAGE in source.whole() else UnknownFileType()


def _text_kind(head: bytes, suffix: str, promised: FileKind | None) -> FileKind:
    if not looks_like_text(head):
        if promised is None:
            raise UnknownFileType
        raise UndecodableText if promised in _TEXT_KINDS else DamagedFile
    if promised is None and suffix:
        raise UnknownFileType
    start = head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")[:500].lower()
    if start.startswith((b"<!doctype html", b"<html")) or (start.startswith(b"<?xml") and b"<html" in start):
        return "html"
    return promised if promised in _TEXT_KINDS and promised is not None else "text"
