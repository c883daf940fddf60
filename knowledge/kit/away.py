"""Tells a database that is away for the moment from everything else that may go wrong with one."""

from socket import gaierror

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

# PostgreSQL's classes of errors: connection, resources, an operator's intervention.
_NOT_NOW = ("08", "53", "57")


def database_is_away(error: BaseException) -> bool:
    """Whether an error says that the database does not answer, or takes nobody in just now: trying again will help."""
    if isinstance(error, DBAPIError) and not isinstance(error, OperationalError | InterfaceError):
        return bool(error.connection_invalidated)
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout | ConnectionError | TimeoutError | gaierror):
        return True
    # Several addresses of one host that refused come as a plain OSError; a server that starts or ends says it by code.
    return type(error) is OSError or str(getattr(error, "sqlstate", ""))[:2] in _NOT_NOW
