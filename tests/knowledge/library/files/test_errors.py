"""Messages that say what is wrong and what to do."""

import pytest

from knowledge.kit.errors import InvalidInput
from knowledge.library.files.errors import Fact, FileTooLarge, FileUnreadable, error_from_code

FACTS: dict[str, Fact] = {"size": 300, "limit": 100, "pages": 7, "seconds": 60}


def all_kinds() -> list[type[FileUnreadable]]:
    found = [FileUnreadable]
    for kind in found:
        found.extend(kind.__subclasses__())
    return found


class TestEveryError:
    @pytest.mark.parametrize("kind", all_kinds())
    def test_has_a_code_of_its_own_and_a_finished_message(self, kind: type[FileUnreadable]) -> None:
        error = kind(detail=None, **FACTS)

        assert isinstance(error, InvalidInput)
        assert error.code.startswith("file.")
        assert "{" not in error.message
        assert len(error.message.split(".")) > 2, "it says what is wrong, and what to do"

    def test_codes_are_unique(self) -> None:
        codes = [kind.code for kind in all_kinds()]

        assert len(codes) > 12
        assert len(set(codes)) == len(codes)


class TestErrorsFromWorkers:
    def test_come_back_as_the_same_class(self) -> None:
        error = error_from_code("file.too_large", {"size": 300, "limit": 100}, detail="x")

        assert type(error) is FileTooLarge
        assert error.detail == "x"

    @pytest.mark.parametrize(("code", "facts"), [("file.unheard_of", {}), ("file.too_large", {})])
    def test_nonsense_gives_the_general_one(self, code: str, facts: dict[str, Fact]) -> None:
        assert type(error_from_code(code, facts)) is FileUnreadable
