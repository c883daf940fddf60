"""A database that is away is told from everything else."""

import asyncpg
import pytest
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from knowledge.kit.away import database_is_away


class TestIsAway:
    @pytest.mark.parametrize(
        ("error", "away"),
        [
            (ConnectionRefusedError(), True),
            (TimeoutError(), True),
            (OSError("Multiple exceptions"), True),
            (PoolTimeout(), True),
            (OperationalError("", None, Exception()), True),
            (asyncpg.CannotConnectNowError("the database system is starting up"), True),
            (IntegrityError("", None, Exception()), False),
            (FileNotFoundError(), False),
            (ValueError(), False),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_only_what_passes_by_itself(self, error: Exception, away: bool) -> None:
        assert database_is_away(error) is away
