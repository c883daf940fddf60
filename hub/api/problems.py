"""What goes wrong in the API, as RFC 9457 (``application/problem+json``), and how it is documented.

A route raises the errors of ``knowledge`` as they are; whatever is one of ``knowledge.kit.errors`` becomes a problem
with its ``status``, ``code`` and ``message``. What a route documents beyond the usual ones it names with
``responses=problems(409)``; 400, 401, 403, 404, 412, 413, 415, 422, 428, 429 and 503 are added where they can occur.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from hub.errors import request_id_of, title_of
from hub.rendering import say_when_again
from knowledge.kit.errors import AllmendeError, InvalidInput
from knowledge.kit.language import _

MEDIA_TYPE = "application/problem+json"


class Fault(BaseModel):
    """One thing that is wrong with what was sent."""

    place: str = Field(description="Where: `query.limit`, `body.title`, `header.if-match`.", examples=["body.title"])
    kind: str = Field(description="What, as a stable name.", examples=["missing"])
    detail: str = Field(description="What, in the language of the request.", examples=["Dieses Feld fehlt."])


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field("about:blank", description="Always `about:blank`; `code` tells problems apart.")
    title: str = Field(description="The kind of problem, in the language of the request.", examples=["Nicht gefunden"])
    status: int = Field(description="The HTTP status.", examples=[404])
    detail: str = Field(
        description="What happened and what to do, in the language of the request.",
        examples=["Dieses Dokument gibt es nicht."],
    )
    code: str = Field(description="A stable name for programs.", examples=["documents.not_found"])
    instance: str = Field(description="The path of the request.", examples=["/api/v1/documents"])
    request_id: str = Field(description="By what whoever runs the server finds it in the logs.", examples=["9f0c2a7b"])
    errors: list[Fault] | None = Field(None, description="With 422: every thing that is wrong.")


class RequestInvalid(InvalidInput):
    """A request does not have the form that its operation asks for."""

    code = "api.request_invalid"

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(_("What was sent does not have the form that is needed here."))
        self.faults = list(faults)


def problem_response(request: Request, error: AllmendeError, *, headers: Mapping[str, str] | None = None) -> Response:
    """Return a problem as an answer.

    Args:
        request: what cannot be answered.
        error: why.
        headers: what is to be said beside it, such as ``WWW-Authenticate``.
    """
    faults = getattr(error, "faults", None)
    problem = Problem(
        type="about:blank",
        title=title_of(error.status),
        status=error.status,
        detail=error.message,
        code=error.code,
        instance=request.url.path,
        request_id=request_id_of(request),
        errors=faults,
    )
    response = JSONResponse(problem.model_dump(exclude_none=True), error.status, media_type=MEDIA_TYPE)
    response.headers.update(headers or {})
    response.headers.update(getattr(error, "headers", None) or {})
    say_when_again(response, error)
    response.headers["Cache-Control"] = "no-store"
    return response


# What each status means here: (title, detail, code) of the example.
_EXAMPLES: dict[int, tuple[str, str, str, str]] = {
    400: ("The request cannot be read.", "Das passt nicht", "Diese Anfrage ist nicht lesbar.", "hub.http_400"),
    401: (
        "No token, or one that is unknown, expired or revoked.",
        "Bitte anmelden",
        "Dieser Zugang gilt nicht oder nicht mehr.",
        "api.token_invalid",
    ),
    403: (
        "The token, or the member behind it, may not do this.",
        "Nicht erlaubt",
        "Diesem Zugang fehlt „documents:read“.",
        "api.scope_missing",
    ),
    404: (
        "There is no such thing, or it is not for this caller to know.",
        "Nicht gefunden",
        "Hier gibt es nichts.",
        "not_found",
    ),
    409: (
        "It stands against something that is already there.",
        "Jemand war schneller",
        "Das hat inzwischen jemand anderes geändert.",
        "conflict",
    ),
    412: (
        "`If-Match` names another state than the present one.",
        "Jemand war schneller",
        "Das hat inzwischen jemand geändert. Bitte neu lesen.",
        "api.changed_meanwhile",
    ),
    413: ("More than can be taken at once.", "Zu groß", "Das ist mehr, als auf einmal geht.", "hub.http_413"),
    415: (
        "The body is not `application/json`.",
        "Nicht diese Art",
        "Bitte als application/json senden.",
        "api.json_needed",
    ),
    422: (
        "What was sent does not have the form that is needed, or breaks a rule.",
        "Das passt nicht",
        "Was gesendet wurde, hat nicht die Form, die hier nötig ist.",
        "api.request_invalid",
    ),
    428: (
        "A change must name the state it is about with `If-Match`.",
        "Das passt nicht",
        "Bitte im Kopf If-Match den ETag mitschicken.",
        "api.if_match_needed",
    ),
    429: (
        "Too many requests, or more of something than one may do; `Retry-After` says how many seconds to wait.",
        "Einen Moment, bitte",
        "Das war zu oft. Bitte etwas warten.",
        "api.too_many_requests",
    ),
    503: (
        "A part that is needed is away for the moment; `Retry-After` says when to try again.",
        "Gleich zurück",
        "Allmende ist gleich wieder da.",
        "hub.database_away",
    ),
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return how problems are documented: ``@router.get(…, responses=problems(404, 409))``."""
    return {status: _documented(status) for status in sorted(statuses)}


def _documented(status: int) -> dict[str, Any]:
    description, title, detail, code = _EXAMPLES[status]
    example = {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code}
    example |= {"instance": "/api/v1/…", "request_id": "3c1f5b0e9a7d4e0f8b6a2d4c5e7f9a1b"}
    if status == 422:
        example["errors"] = [{"place": "body.title", "kind": "missing", "detail": "Das fehlt."}]
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {MEDIA_TYPE: {"schema": schema, "example": example}}}
