"""What goes wrong becomes a page in the visitor's language, or JSON (RFC 9457) where that is asked for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from hub.auth.visiting import forget_presence, visitor_of
from hub.forms import FormSentBefore, keep_cookie, keep_typed
from hub.rendering import render, say_when_again
from hub.security.methods import allowed_methods
from hub.security.programs import is_api
from knowledge.access.rights import SignInNeeded
from knowledge.kit.away import database_is_away
from knowledge.kit.errors import AllmendeError, InvalidInput, NotFound, Unavailable
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger

SIGN_IN, STEP_UP = "/anmelden", "/anmelden/bestaetigen"
# How the framework says that a form has too many fields, or too long ones.
_TOO_MUCH = re.compile("too many|exceeded", re.IGNORECASE)


class PageNotFound(NotFound):
    """There is no such page."""

    code = "hub.page_not_found"

    def __init__(self) -> None:
        super().__init__(_("There is nothing at this address. Perhaps it was mistyped, or what was here has moved."))


class DatabaseAway(Unavailable):
    """The database does not answer."""

    code = "hub.database_away"

    def __init__(self) -> None:
        super().__init__(_("Allmende will be back in a moment. Nothing that you sent before is lost."))


class HttpProblem(AllmendeError):
    """A request that cannot be answered for what it is."""

    def __init__(self, status: int) -> None:
        texts = {
            400: _("This request cannot be read."),
            403: _("This request came from another page than ours. Please go back and try again."),
            405: _("This address cannot be used in that way."),
            411: _("This request does not say how long it is."),
            413: _("This is more than can be taken at once. Please send less, or smaller files."),
            415: _("This kind of content cannot be taken. Please use the form."),
            429: _("This was too often. Please wait a little."),
            503: _("Allmende will be back in a moment. Nothing that you sent before is lost."),
        }
        super().__init__(texts.get(status) or _("Something went wrong. It is our fault, not yours."))
        self.status = status
        self.code = f"hub.http_{status}"


class FormIncomplete(InvalidInput):
    """A form came without a field that it has, or with one that cannot be read."""

    code = "hub.form_incomplete"

    def __init__(self) -> None:
        super().__init__(_("Something is missing in this form, or cannot be read. Please go back and check it."))


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """What went wrong, and what may help: for whoever runs the server, the number of the request."""

    status: int
    title: str
    message: str
    code: str
    request_id: str


def install(app: FastAPI) -> None:
    """Have all errors of the application answered here."""
    app.add_exception_handler(AllmendeError, _known)
    app.add_exception_handler(FormSentBefore, _sent_before)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    for away in (OperationalError, InterfaceError, PoolTimeout, DBAPIError, ConnectionError, TimeoutError, OSError):
        app.add_exception_handler(away, _away)


async def error_response(
    request: Request, error: AllmendeError, *, headers: Mapping[str, str] | None = None
) -> Response:
    """Return the answer that tells what went wrong.

    Args:
        request: what cannot be answered.
        error: why.
        headers: what is to be said beside it, such as ``Retry-After``.
    """
    page = ErrorPage(error.status, title_of(error.status), error.message, error.code, request_id_of(request))
    response: Response
    if prefers_json(request):
        values = {"type": "about:blank", "title": page.title, "status": page.status, "detail": page.message}
        values |= {"code": page.code, "request_id": page.request_id, "instance": request.url.path}
        response = JSONResponse(values, page.status, media_type="application/problem+json")
    else:
        response = await render(request, "errors/error.html", page, status=page.status)
    response.headers.update(headers or {})
    say_when_again(response, error)
    response.headers["Cache-Control"] = "no-store"
    return response


def title_of(status: int) -> str:
    """Return the heading of the page for a status."""
    titles = {
        401: _("Please sign in"),
        403: _("Not allowed"),
        404: _("Not found"),
        405: _("Not possible"),
        409: _("Somebody was faster"),
        413: _("Too large"),
        415: _("Not this kind"),
        422: _("That does not fit"),
        429: _("A moment, please"),
        503: _("Back in a moment"),
    }
    return titles.get(status) or (_("That does not fit") if status < 500 else _("Something went wrong"))


def request_id_of(request: Request) -> str:
    """Return by what a request is found in the logs."""
    found: str = getattr(request.state, "request_id", "")
    return found


def prefers_json(request: Request) -> bool:
    """Whether JSON is rather wanted than a page: by programs always."""
    if is_api(request.scope):
        return True
    wanted: dict[str, float] = {}
    for part in request.headers.get("accept", "").lower().split(","):
        kind, *parameters = (piece.strip() for piece in part.split(";"))
        wanted[kind] = next((_number(p[2:]) for p in parameters if p.startswith("q=")), 1.0)
    json = max(wanted.get("application/json", 0), wanted.get("application/problem+json", 0))
    return json > max(wanted.get("text/html", 0), wanted.get("application/xhtml+xml", 0))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


async def _known(request: Request, error: Exception) -> Response:
    assert isinstance(error, AllmendeError)  # noqa: S101 - for the type checker; registered for this kind
    get_logger().info("request_refused", code=error.code, status=error.status, detail=error.detail)
    if isinstance(error, SignInNeeded) and not prefers_json(request):
        return await _to_sign_in(request)
    return await error_response(request, error)


async def _to_sign_in(request: Request) -> Response:
    visitor = await visitor_of(request)
    token = await keep_typed(request)
    values = {}
    if request.method in ("GET", "HEAD"):
        values["weiter"] = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    elif token:
        values["formular"] = "1"
    target = SIGN_IN if visitor.member is None else STEP_UP
    response = RedirectResponse(f"{target}?{urlencode(values)}" if values else target, status_code=303)
    if token:
        keep_cookie(request, response, token)
    return response


async def _sent_before(_request: Request, error: Exception) -> Response:
    assert isinstance(error, FormSentBefore)  # noqa: S101 - as above
    return RedirectResponse(error.location, status_code=303)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    status = 413 if error.status_code == 400 and _TOO_MUCH.search(error.detail) else error.status_code
    known: AllmendeError = PageNotFound() if status == 404 else HttpProblem(status)
    headers = dict(error.headers or {})
    if status == 405:
        headers["Allow"] = ", ".join(allowed_methods(request.scope))
    return await error_response(request, known, headers=headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    places = sorted({".".join(str(step) for step in fault["loc"]) for fault in error.errors()})
    get_logger().info("request_invalid", places=places)
    if any(place.startswith("path.") for place in places):
        return await error_response(request, PageNotFound())
    return await error_response(request, FormIncomplete())


async def _away(request: Request, error: Exception) -> Response:
    """Answer without the database; what else raises such an error is a fault of the program's."""
    if not database_is_away(error):
        raise error
    get_logger().warning("database_away", error=type(error).__name__)
    forget_presence(request)
    return await error_response(request, DatabaseAway())


def as_error(error: BaseException) -> AllmendeError:
    """Return what a visitor is told about an error that nobody foresaw."""
    return DatabaseAway() if database_is_away(error) else HttpProblem(500)
