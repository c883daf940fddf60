"""One family of errors, so that every edge (command line, chat, HTTP) can tell a person what went wrong."""


class AllmendeError(Exception):
    """Something went wrong that a person can be told about.

    ``status`` is the HTTP status, ``code`` a stable machine-readable name (``area.problem``), ``message`` is fit
    for the person who asked, and ``detail`` is for the log alone.
    """

    status = 500
    code = "internal"

    def __init__(self, message: str, *, detail: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.detail = detail


class InvalidInput(AllmendeError):
    """What came in cannot be used as it is."""

    status = 422
    code = "invalid_input"


class NotFound(AllmendeError):
    """It does not exist, or its existence is not for this person to know."""

    status = 404
    code = "not_found"


class Conflict(AllmendeError):
    """It stands against something that is already there."""

    status = 409
    code = "conflict"


class Unavailable(AllmendeError):
    """A part that is needed is away for the moment."""

    status = 503
    code = "unavailable"
