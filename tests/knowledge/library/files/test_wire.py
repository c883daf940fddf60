"""What a worker says is checked: it may have been taken over by what it read."""

import json

import pytest

from knowledge.library.files.blocks import Block, ParsedFile
from knowledge.library.files.errors import EncryptedFile, FileTooLarge, FileUnreadable
from knowledge.library.files.limits import ReadLimits
from knowledge.library.files.wire import (
    HEADER,
    frame,
    pack_error,
    pack_file,
    pack_limits,
    unpack,
    unpack_header,
    unpack_limits,
)

PARSED = ParsedFile(
    (Block("heading", "Über uns 🙂", 2, "slide", 3, "Titel"), Block("paragraph", "Text.", note="toc")),
    "Titel",
    {"year": "2024", "topics": ["a", "b"]},
    "text/markdown",
)
REST = '"title": null, "properties": {}, "media_type": "a"}'


class TestMessages:
    def test_a_file_comes_back_as_it_was(self) -> None:
        assert unpack(frame(pack_file(PARSED))[HEADER:]) == PARSED

    def test_an_error_comes_back_as_it_was(self) -> None:
        with pytest.raises(FileTooLarge) as caught:
            unpack(frame(pack_error(FileTooLarge(size=3, limit=2)))[HEADER:])

        assert caught.value.facts == {"size": 3, "limit": 2}

    def test_an_error_without_facts(self) -> None:
        with pytest.raises(EncryptedFile):
            unpack(frame(pack_error(EncryptedFile()))[HEADER:])

    @pytest.mark.parametrize("last", [True, False])
    def test_the_header_says_how_long_and_whether_it_is_the_last(self, *, last: bool) -> None:
        framed = frame({"a": 1}, last=last)

        assert unpack_header(framed[:HEADER]) == (len(framed) - HEADER, last)

    def test_limits_come_back_as_they_were(self) -> None:
        limits = ReadLimits(seconds=0.5, pages=3)

        assert unpack_limits(pack_limits(limits)) == limits


class TestForgedAnswers:
    @pytest.mark.parametrize(
        "message",
        [
            "no json",
            "[]",
            "{}",
            '{"blocks": [["script", "x", 0, null, null, null, null]], ' + REST,
            '{"blocks": [["heading", 7, 0, null, null, null, null]], ' + REST,
            '{"blocks": [["heading", "x"]], ' + REST,
            '{"blocks": [], "title": 7, "properties": {}, "media_type": "a"}',
            '{"blocks": [], "title": null, "properties": {"a": {}}, "media_type": "a"}',
            '{"error": "file.empty", "facts": 7, "detail": null}',
        ],
    )
    def test_are_refused(self, message: str) -> None:
        with pytest.raises(FileUnreadable) as caught:
            unpack(message.encode())

        assert type(caught.value) is FileUnreadable

    def test_a_surplus_is_ignored(self) -> None:
        message = pack_file(PARSED) | {"execute": "rm"}

        assert unpack(json.dumps(message).encode()) == PARSED
