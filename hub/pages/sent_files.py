"""Files that come with a form, read into memory: only so many, and only so much of them altogether."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.datastructures import FormData, UploadFile

from knowledge.kit.errors import InvalidInput
from knowledge.kit.language import _

MEGABYTE = 1_000_000


class TooMuchSent(InvalidInput):
    """More files came with a form than are read at once, or larger ones."""

    code = "uploads.too_much_at_once"


@dataclass(frozen=True, slots=True)
class FileLimits:
    """How many files are read, how much of each (one byte more, so that what is too large is seen), and of all."""

    files: int
    each: int
    together: int


async def read_files_sent(form: FormData, limits: FileLimits) -> Mapping[str, bytes]:
    """Return the files of a form by their names, without folders. Raises ``TooMuchSent`` before all are read."""
    sent = [value for _name, value in form.multi_items() if isinstance(value, UploadFile) and value.filename]
    if len(sent) > limits.files:
        problem = _("These are {count} files. Please send at most {most} at once.")
        raise TooMuchSent(problem.format(count=len(sent), most=limits.files))
    files: dict[str, bytes] = {}
    left = limits.together
    for file in sent:
        content = await file.read(min(limits.each, left) + 1)
        left -= len(content)
        if left < 0 and len(sent) > 1:  # of a single one, whoever reads it says what is wrong with it
            problem = _("These files are too large together. Please send at most {most} MB at once.")
            raise TooMuchSent(problem.format(most=limits.together // MEGABYTE))
        files[(file.filename or "").rpartition("/")[2]] = content
    return files
