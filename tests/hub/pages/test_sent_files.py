"""Files that come with a form: only so much of them is read."""

from io import BytesIO

import pytest
from starlette.datastructures import FormData, UploadFile

from hub.pages.sent_files import MEGABYTE, FileLimits, TooMuchSent, read_files_sent
from knowledge.kit.language import choose_language

LIMITS = FileLimits(files=3, each=2 * MEGABYTE, together=3 * MEGABYTE)


def form(*sizes: int) -> tuple[FormData, list[BytesIO]]:
    contents = [BytesIO(bytes(size)) for size in sizes]
    files = [UploadFile(content, filename=f"ordner/{number}.md") for number, content in enumerate(contents)]
    return FormData([("text", "x"), *(("files", file) for file in files)]), contents


async def test_names_come_without_folders() -> None:
    sent, _contents = form(1, 2)
    assert await read_files_sent(sent, LIMITS) == {"0.md": bytes(1), "1.md": bytes(2)}


async def test_reading_ends_where_it_is_too_much_altogether() -> None:
    sent, contents = form(2 * MEGABYTE, 2 * MEGABYTE, 2 * MEGABYTE)
    choose_language("en")
    with pytest.raises(TooMuchSent, match="at most 3 MB"):
        await read_files_sent(sent, LIMITS)
    assert [content.tell() for content in contents] == [2 * MEGABYTE, MEGABYTE + 1, 0]


async def test_of_one_that_is_too_large_one_byte_more_is_read() -> None:
    sent, _contents = form(5 * MEGABYTE)
    assert [len(content) for content in (await read_files_sent(sent, LIMITS)).values()] == [2 * MEGABYTE + 1]
