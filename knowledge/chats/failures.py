"""Telling a database that is away from work that went wrong."""

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError


def database_is_away(error: BaseException) -> bool:
    """Whether an error says that the database cannot be used for the moment, so that trying again will help."""
    if isinstance(error, PoolTimeoutError | ConnectionError):
        return True
    return isinstance(error, OperationalError | InterfaceError)
