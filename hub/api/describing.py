"""The OpenAPI description: what the routes say of themselves, and what holds for all of them."""

from collections.abc import Iterator, Sequence
from typing import Any

from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from hub.api import etags, paging
from hub.api.dependencies import Requires, calls_of, creates, required, writes
from hub.api.glossary import explain
from hub.api.problems import Problem, problems
from knowledge.tokens.scopes import TokenScope

TITLE, VERSION = "Allmende", "1"
ABOUT = """\
What the hub of Allmende does, for other programs: search the library, ask it, read documents, contribute, review, and
take part in the network.

**Tokens.** Send `Authorization: Bearer allmende_…`. Members make personal tokens in their account („Zugänge für
Programme“); administrators make service tokens for other systems. A token has scopes and an end. A personal token never
may do more than its member may at that moment; a service token only reads. Searching, asking and reading what is public
works without a token, less often per minute. Cookies do not count.

**Pages.** Lists take `limit` (at most 100) and `cursor`; `next` in the body, and the header `Link`, lead on.

**Conditions.** What can be read one by one has an `ETag`; with `If-None-Match` it is sent again only if it changed
(304). Changes that must not overwrite anybody's need `If-Match` (428 without, 412 if it changed).

**Creating once.** With the header `Idempotency-Key`, the same request sent twice creates once; the second answer is the
first one again, with `Idempotency-Replayed: true`. Keys hold for 24 hours.

**Limits.** Every answer says in `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` how many requests a
minute there are, how many are left, and in how many seconds there are more. Beyond that, 429 with `Retry-After`; the
same where somebody sent, asked or wrote more within a day or a week than others can look at.

**Problems** are `application/problem+json` (RFC 9457) with a stable `code`. `title` and `detail` are for people, in the
language of `Accept-Language` (German, English). What somebody may not know of does not exist for them (404).
"""
TAGS = {
    "Search": "Searching the library and asking it.",
    "Documents": "Documents of the library, their texts and versions.",
    "Contributions": "What the token's member contributes.",
    "Review": "Deciding on contributions, for moderators.",
    "Questions": "Open questions of the network, and their answers.",
    "Peers": "People who know something about it, and contact requests.",
    "Members": "Who takes part.",
    "Organisations": "The register of organisations.",
    "Circles": "Circles and their groups.",
    "Trainings": "Trainings and registrations.",
}
_LIMITS = {
    "RateLimit-Limit": "Requests a minute.",
    "RateLimit-Remaining": "How many of them are left.",
    "RateLimit-Reset": "In how many seconds there are more.",
}


def documented(route: APIRoute) -> dict[int | str, dict[str, Any]]:
    """Return the problems that a route can have by what it takes and asks for."""
    return problems(*set(_statuses(route)))


def _statuses(route: APIRoute) -> Iterator[int]:
    need, calls = required(route), set(calls_of(route.dependant))
    dependant = route.dependant
    yield from (400, 401, 429, 503)
    if need is not None:
        yield 403
    if dependant.path_params:
        yield from (404, 422)
    if _takes(route):
        yield 422
    if route.body_field is not None:
        yield from (413, 415)
    if creates(route):
        yield from (409, 422)
    if etags.expected in calls:
        yield from (409, 412, 428)
    elif writes(route):
        yield from (409, 422)
    if paging.paging in calls:
        yield 422


def _takes(route: APIRoute) -> bool:
    """Whether anything can be wrong with what is sent: its query, headers or body."""
    return (
        route.body_field is not None
        or bool(route.dependant.query_params)
        or any(inner.query_params or inner.header_params for inner in _dependants(route))
    )


def _dependants(route: APIRoute) -> Iterator[Any]:
    waiting = [route.dependant]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(one.dependencies)


def described(routes: Sequence[APIRoute], *, path: str) -> dict[str, Any]:
    """Return the OpenAPI description of routes that are served below ``path``."""
    found = get_openapi(
        title=TITLE,
        version=VERSION,
        summary="The knowledge of municipalities, for other programs.",
        description=ABOUT,
        routes=routes,
        servers=[{"url": path}],
        tags=[{"name": name, "description": text} for name, text in TAGS.items() if _uses(routes, name)],
        license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
    )
    parts = found.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    parts["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer", "description": _scopes_text()}}
    parts["headers"] = {
        name: {"description": text, "schema": {"type": "integer", "minimum": 0}} for name, text in _LIMITS.items()
    }
    for route in routes:
        for method in route.methods or ():
            _complete(found["paths"][route.path_format][method.lower()], route)
    explain(found)
    return found


def _uses(routes: Sequence[APIRoute], tag: str) -> bool:
    return any(tag in route.tags for route in routes)


def _complete(operation: dict[str, Any], route: APIRoute) -> None:
    """Add what follows from a route's dependencies: who may use it, and the headers of its answers."""
    need = required(route)
    assert need is not None  # noqa: S101 - checked when the routes are collected
    operation["security"] = [{"token": []}, {}] if need.free else [{"token": []}]
    operation["description"] = f"{operation.get('description', '').strip()}\n\n{_needs(need)}"
    operation["x-scope"] = need.scope.value
    calls = set(calls_of(route.dependant))
    if etags.seen in calls:
        operation["responses"]["304"] = {"description": "Nothing changed since the ETag of `If-None-Match`."}
    for status, response in operation["responses"].items():
        headers = response.setdefault("headers", {})
        headers.update({name: {"$ref": f"#/components/headers/{name}"} for name in _LIMITS})
        if status.startswith("2") or status == "304":
            headers.update(_headers(calls))
        if status in ("429", "503"):
            headers["Retry-After"] = {"description": "Seconds to wait.", "schema": {"type": "integer"}}


def _headers(calls: set[object]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    text = {"type": "string"}
    if etags.seen in calls or etags.expected in calls:
        found["ETag"] = {"description": "The present state.", "schema": text}
    if paging.paging in calls:
        found["Link"] = {"description": 'The next page, with `rel="next"`.', "schema": text}
    return found


def _needs(need: Requires) -> str:
    who = "No token is needed; with one, its scope" if need.free else "The token's scope"
    more = " A personal token is needed." if need.member else ""
    return f"{who} must include `{need.scope.value}`.{more}"


def _scopes_text() -> str:
    scopes = ", ".join(f"`{scope.value}`" for scope in TokenScope)
    return f"A token for programs, beginning with `allmende_`. Scopes: {scopes}. Writing includes reading."
