"""Tests of the list of erasures outside of the database."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from knowledge.kit.clock import use_clock
from knowledge.privacy.erasure_log import KEPT, ErasureLog
from knowledge.privacy.schemas import ErasureRecord

MOMENT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def clock() -> None:
    use_clock(lambda: MOMENT)


def record(number: int, *, age: timedelta = timedelta()) -> ErasureRecord:
    return ErasureRecord(f"{number:064x}", "ab" * 16, MOMENT - age)


class TestErasureLog:
    def test_what_was_written_is_read(self, tmp_path: Path) -> None:
        log = ErasureLog(tmp_path)
        assert not log.exists()
        assert log.read() == []
        log.add([record(1)])
        log.add([record(2), record(1)])
        assert log.read() == [record(1), record(2)]

    def test_only_its_owner_may_read_it(self, tmp_path: Path) -> None:
        ErasureLog(tmp_path).add([record(1)])
        assert stat.S_IMODE(ErasureLog(tmp_path).path.stat().st_mode) == 0o600

    def test_somebody_erased_again_counts_from_then_on(self, tmp_path: Path) -> None:
        log = ErasureLog(tmp_path)
        log.add([record(1, age=timedelta(days=3))])
        log.add([record(1)])
        assert log.read() == [record(1)]

    def test_what_is_too_old_goes_with_the_next_one(self, tmp_path: Path) -> None:
        log = ErasureLog(tmp_path)
        log.add([record(1, age=KEPT - timedelta(days=1))])
        use_clock(lambda: MOMENT + timedelta(days=2))
        log.add([record(2)])
        assert [item.digest for item in log.read()] == [record(2).digest]

    def test_damaged_lines_are_passed_over(self, tmp_path: Path) -> None:
        log = ErasureLog(tmp_path)
        log.add([record(1), record(2)])
        lines = log.path.read_text("ascii").splitlines()
        log.path.write_text("\n".join([lines[0], "2026-01-01T00:00:00+00:00 zz zz", lines[1][:50], "ä"]), "utf-8")
        assert log.read() == [record(1)]

    def test_a_folder_that_cannot_be_written_is_an_error_that_the_caller_sees(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(OSError, match="file"):
            ErasureLog(tmp_path / "file").add([record(1)])
