"""The hub as an ASGI application."""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware import Middleware

import hub.pages
from hub.api.app import create_api
from hub.dependencies import required
from hub.errors import install
from hub.forms import noting_where_it_led
from hub.metrics import RequestTimes, is_wanted
from hub.security.bodies import Bodies
from hub.security.entrance import Entrance, read_networks
from hub.security.failures import Failures
from hub.security.headers import SafeHeaders
from hub.security.languages import Languages
from hub.security.methods import Methods
from hub.security.origins import Origins
from hub.security.patience import Patience
from hub.security.presence import PresenceNotes
from hub.security.programs import API
from hub.services import HubServices
from hub.static_files import static_files
from knowledge.kit.language import current_language
from knowledge.kit.measures import begin_measuring
from knowledge.kit.settings import Settings


class OpenRoute(RuntimeError):
    """A route names no right, so it would be open by accident."""


def create_app(services: HubServices) -> FastAPI:
    """Put the application together; the caller owns the services and closes them.

    Raises ``OpenRoute`` for a route that names no right.
    """
    app = FastAPI(
        title="Allmende", openapi_url=None, docs_url=None, redoc_url=None, middleware=_middleware(services.settings)
    )
    app.state.services = services
    if is_wanted(services.settings):
        begin_measuring()
    # First, because programs ask most often, and each route that comes before would be looked at.
    app.mount(API, create_api(app.state, services.settings), name="api")
    app.router.routes.extend(acting_routes())
    app.mount("/static", static_files(), name="static")
    install(app)
    return app


@cache
def acting_routes() -> tuple[APIRoute, ...]:
    """Return all routes as they are served; made once, because that takes a while. Raises ``OpenRoute``."""
    return tuple(acting(route) for route in routes())


def acting(route: APIRoute) -> APIRoute:
    """Return a page's route as it is served: one that is sent forms notes where each led."""
    return APIRoute(
        route.path,
        noting_where_it_led(route.endpoint) if "POST" in methods_of(route) else route.endpoint,
        methods=methods_of(route),
        name=route.name,
        dependencies=route.dependencies,
        response_model=None,
    )


def routes() -> list[APIRoute]:
    """Return the routes of all modules in ``hub/pages``. Raises ``OpenRoute``."""
    names = sorted(module.name for module in iter_modules(hub.pages.__path__))
    modules = [import_module(f"hub.pages.{name}") for name in names]
    return [route for module in modules if hasattr(module, "router") for route in checked_routes(module.router)]


def checked_routes(router: APIRouter) -> list[APIRoute]:
    """Return the routes of one module. Raises ``OpenRoute``."""
    found = []
    for route in router.routes:
        if not isinstance(route, APIRoute) or required(route) is None:
            raise OpenRoute(getattr(route, "path", str(route)))
        found.append(route)
    return found


def methods_of(route: APIRoute) -> list[str]:
    """Return the methods that a route answers to."""
    return sorted(route.methods or ())


def _middleware(settings: Settings) -> list[Middleware]:
    """Return what every request passes, the first one first."""
    hub = settings.hub
    return [
        *([Middleware(RequestTimes)] if is_wanted(settings) else []),
        Middleware(PresenceNotes),
        Middleware(Entrance, trusted=read_networks(hub.hub_trusted_proxies)),
        Middleware(SafeHeaders),
        Middleware(Languages, default=settings.language.language or current_language()),
        Middleware(Failures),
        Middleware(Patience),
        Middleware(Methods),
        Middleware(Origins, own=hub.hub_url),
        Middleware(Bodies, usual_mb=hub.hub_body_mb, upload_mb=hub.hub_upload_mb),
    ]
