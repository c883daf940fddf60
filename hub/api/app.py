"""The API as an application of its own, mounted by the hub at ``/api/v1``."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.datastructures import State
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

import hub.api.routes
from hub.api.admission import Admission
from hub.api.bodies import SoundRoute
from hub.api.dependencies import required
from hub.api.describing import described, documented
from hub.api.etags import NotModified
from hub.api.faults import faults_of
from hub.api.idempotency import AnsweredBefore, keeping_its_answer
from hub.api.limits import Limits
from hub.api.problems import RequestInvalid, problem_response
from hub.errors import DatabaseAway, HttpProblem, PageNotFound
from hub.security.methods import allowed_methods
from hub.security.programs import API
from knowledge.kit.away import database_is_away
from knowledge.kit.errors import AllmendeError
from knowledge.kit.logs import get_logger
from knowledge.kit.settings import Settings


class UnfitRoute(RuntimeError):
    """A route names no right and scope, or is not described."""


def create_api(state: State, settings: Settings) -> FastAPI:
    """Put the API together.

    Args:
        state: the hub's own, with its services; the API has the same.
        settings: how often programs may ask.

    Raises ``UnfitRoute`` for a route that would be open by accident or says nothing about itself.
    """
    limits = Limits(by_token=settings.hub.hub_api_rate, by_address=settings.hub.hub_api_open_rate)
    api = FastAPI(
        title="Allmende",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[Middleware(Admission, limits=limits)],
    )
    api.state = state
    api.router.routes.extend(api_routes())
    api.add_api_route("/openapi.json", _openapi, methods=["GET"], include_in_schema=False)
    _install(api)
    return api


@cache
def api_routes() -> tuple[APIRoute, ...]:
    """Return the routes of all modules in ``hub/api/routes``; made once, because that takes a while.

    Raises ``UnfitRoute``.
    """
    names = sorted(module.name for module in iter_modules(hub.api.routes.__path__))
    modules = [import_module(f"hub.api.routes.{name}") for name in names]
    return tuple(route for module in modules if hasattr(module, "router") for route in _served(module.router))


@cache
def description() -> dict[str, Any]:
    """Return the OpenAPI description of everything; made once."""
    return described(api_routes(), path=API)


async def _openapi() -> JSONResponse:
    """Return the description of the API, which is the same for everybody."""
    return JSONResponse(description(), headers={"Cache-Control": "public, max-age=300"})


def _served(router: APIRouter) -> list[APIRoute]:
    found = []
    for route in router.routes:
        if not isinstance(route, APIRoute) or required(route) is None or not route.summary or not route.description:
            raise UnfitRoute(getattr(route, "path", str(route)))
        found.append(_acting(route))
    return found


def _acting(route: APIRoute) -> APIRoute:
    """Return a route as it is served: with the usual problems documented, creating once, refusing unsound bodies."""
    status = route.status_code or 200
    return SoundRoute(
        route.path,
        keeping_its_answer(route.endpoint, status),
        methods=sorted(route.methods or ()),
        name=route.name,
        operation_id=route.operation_id or route.name,
        tags=list(route.tags),
        summary=route.summary,
        description=route.description,
        dependencies=route.dependencies,
        response_model=route.response_model,
        response_class=route.response_class,
        response_description=route.response_description,
        status_code=status,
        responses={**documented(route), **route.responses},
        openapi_extra=route.openapi_extra,
    )


def _install(api: FastAPI) -> None:
    """Have all errors answered as problems."""
    api.add_exception_handler(AllmendeError, _known)
    api.add_exception_handler(NotModified, _not_modified)
    api.add_exception_handler(AnsweredBefore, _answered_before)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(RequestValidationError, _invalid)
    for away in (OperationalError, InterfaceError, PoolTimeout, DBAPIError, ConnectionError, TimeoutError, OSError):
        api.add_exception_handler(away, _away)


async def _known(request: Request, error: Exception) -> Response:
    assert isinstance(error, AllmendeError)  # noqa: S101 - for the type checker; registered for this kind
    get_logger().info("api_refused", code=error.code, status=error.status, detail=error.detail)
    return problem_response(request, error)


async def _not_modified(_request: Request, error: Exception) -> Response:
    assert isinstance(error, NotModified)  # noqa: S101 - as above
    return Response(status_code=304, headers={"ETag": error.etag})


async def _answered_before(_request: Request, error: Exception) -> Response:
    assert isinstance(error, AnsweredBefore)  # noqa: S101 - as above
    headers = {**error.answer.headers, "Idempotency-Replayed": "true"}
    return JSONResponse(error.answer.body, error.answer.status, headers=headers)


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as above
    known: AllmendeError = PageNotFound() if error.status_code == 404 else HttpProblem(error.status_code)
    headers = {"Allow": ", ".join(allowed_methods(request.scope))} if error.status_code == 405 else {}
    return problem_response(request, known, headers=headers)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    faults = faults_of(error)
    get_logger().info("api_invalid", places=sorted({fault.place for fault in faults}))
    if any(fault.place.startswith("path.") for fault in faults):
        return problem_response(request, PageNotFound())
    return problem_response(request, RequestInvalid(faults))


async def _away(request: Request, error: Exception) -> Response:
    if not database_is_away(error):
        raise error
    get_logger().warning("database_away", error=type(error).__name__)
    return problem_response(request, DatabaseAway())
