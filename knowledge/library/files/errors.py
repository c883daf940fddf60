"""Why a file cannot be read, each with what to do about it.

A worker process reports only ``code`` and ``facts``; the sentence is made where the person's language is known.
"""

from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _

Fact = str | int


class FileUnreadable(InvalidInput):
    """A file cannot be read. ``facts`` are the numbers and names its message mentions."""

    code = "file.unreadable"

    def __init__(self, *, detail: str | None = None, **facts: Fact) -> None:
        super().__init__(self.sentence().format(**facts), detail=detail)
        self.facts = facts

    @classmethod
    def sentence(cls) -> str:
        """Return the message, with the names of facts in braces."""
        return _("The file cannot be read. Please open it, save it again and try once more.")


class MissingFile(FileUnreadable):
    """There is nothing at that path."""

    code = "file.missing"

    @classmethod
    def sentence(cls) -> str:
        return _("There is no such file. Please check the path.")


class ForbiddenFile(FileUnreadable):
    """The operating system does not let us read it."""

    code = "file.forbidden"

    @classmethod
    def sentence(cls) -> str:
        return _("The file may not be read by this program. Please change its permissions, then add it again.")


class NotRegularFile(FileUnreadable):
    """A folder, link, pipe, socket or device."""

    code = "file.not_regular"

    @classmethod
    def sentence(cls) -> str:
        return _("This is not an ordinary file but a folder, link, pipe or device. Please give the file itself.")


class EmptyFile(FileUnreadable):
    """No bytes, or no text among them."""

    code = "file.empty"

    @classmethod
    def sentence(cls) -> str:
        return _("The file contains no text. Please check whether it was saved completely.")


class DamagedFile(FileUnreadable):
    """Truncated, or not what it claims to be."""

    code = "file.damaged"

    @classmethod
    def sentence(cls) -> str:
        return _("The file is damaged or incomplete. Please fetch or save it again, then add it once more.")


class EncryptedFile(FileUnreadable):
    """Protected by a password."""

    code = "file.encrypted"

    @classmethod
    def sentence(cls) -> str:
        return _("The file is protected by a password. Please save it without a password, then add it again.")


class ScanWithoutText(FileUnreadable):
    """Pages that are only pictures."""

    code = "file.scan"

    @classmethod
    def sentence(cls) -> str:
        return _(
            "The file contains only pictures of pages and no text. "
            "Please run text recognition (OCR) first, then add it."
        )


class FileTooLarge(FileUnreadable):
    """More megabytes than allowed: facts ``size`` and ``limit``, in MB."""

    code = "file.too_large"

    @classmethod
    def sentence(cls) -> str:
        return _(
            "The file is too large: {size} MB, and at most {limit} MB are allowed. "
            "Please split it or save it with smaller pictures."
        )


class TooManyPages(FileUnreadable):
    """More pages, slides or sheets than allowed: facts ``pages`` and ``limit``."""

    code = "file.too_many_pages"

    @classmethod
    def sentence(cls) -> str:
        return _("The file has {pages} pages, and at most {limit} are allowed. Please split it into parts.")


class TooMuchText(FileUnreadable):
    """More text than allowed: fact ``limit``, in characters."""

    code = "file.too_much_text"

    @classmethod
    def sentence(cls) -> str:
        return _("The file holds more text than allowed ({limit} characters). Please split it into parts.")


class ReadingTooSlow(FileUnreadable):
    """Not done in time: fact ``seconds``."""

    code = "file.too_slow"

    @classmethod
    def sentence(cls) -> str:
        return _(
            "Reading the file took longer than {seconds} seconds and was stopped. "
            "Please split it, or save it again in another format."
        )


class TooMuchMemory(FileUnreadable):
    """Did not fit in the memory allowed: fact ``limit``, in MB."""

    code = "file.too_much_memory"

    @classmethod
    def sentence(cls) -> str:
        return _(
            "Reading the file takes more memory than allowed ({limit} MB). "
            "Please split it, or save it again in another format."
        )


class ReaderBroke(FileUnreadable):
    """The process that was reading it died."""

    code = "file.reader_broke"

    @classmethod
    def sentence(cls) -> str:
        return _(
            "The file makes the reading program break down, so it was left out. "
            "Please open it, save it again in another format and try once more."
        )


class ZipBomb(FileUnreadable):
    """A small archive that unpacks to something enormous."""

    code = "file.zip_bomb"

    @classmethod
    def sentence(cls) -> str:
        return _(
            "The file unpacks to far more data than such a file should, which may be an attack, so it was left out. "
            "If you trust it, please save it again with an office program."
        )


class UnknownFileType(FileUnreadable):
    """Not a kind of file that we read."""

    code = "file.unknown_type"

    @classmethod
    def sentence(cls) -> str:
        return _(
            "Files of this type cannot be read. "
            "Please save it as PDF, DOCX, PPTX, XLSX, ODT, ODP, ODS, RTF, HTML, Markdown or plain text."
        )


class UndecodableText(FileUnreadable):
    """Claims to be text, but is not."""

    code = "file.undecodable"

    @classmethod
    def sentence(cls) -> str:
        return _("The characters of this text cannot be made out. Please save it as UTF-8, then add it again.")


def _family(base: type[FileUnreadable]) -> dict[str, type[FileUnreadable]]:
    members = {base.code: base}
    for child in base.__subclasses__():
        members |= _family(child)
    return members


def error_from_code(code: str, facts: dict[str, Fact], *, detail: str | None = None) -> FileUnreadable:
    """Return the error that a worker reported; an unknown code or missing fact gives the general one."""
    kind = _family(FileUnreadable).get(code, FileUnreadable)
    try:
        return kind(detail=detail, **facts)
    except (KeyError, IndexError, TypeError):
        return FileUnreadable(detail=detail)
