"""Where somebody is in the hub, said so that nothing secret goes with it: the address of a page without its secrets."""

from urllib.parse import urlsplit

from fastapi import FastAPI, Request
from starlette.routing import BaseRoute, Match

# What stands in addresses and lets its bearer do something.
SECRETS = frozenset({"token", "code"})
LONGEST_PLACE = 300


def place_of(request: Request) -> str:
    """Return the address of the page that is shown, without what was searched for and without secrets."""
    return _without_secrets(request.scope.get("route"), request.url.path)


def plain_place(app: FastAPI, text: str) -> str:
    """Return what somebody says is a page's address, without what was searched for and without secrets."""
    text = " ".join(text.split())
    if "/" not in text:
        return text[:LONGEST_PLACE]
    path = urlsplit(text).path if text.startswith(("/", "http://", "https://")) else text.partition("?")[0]
    return _without_secrets(route_at(app, path), path)[:LONGEST_PLACE]


def route_at(app: FastAPI, path: str) -> BaseRoute | None:
    """Return the page at an address."""
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    return next((route for route in app.routes if route.matches(scope)[0] is Match.FULL), None)


def _without_secrets(route: BaseRoute | None, path: str) -> str:
    template: str = getattr(route, "path", "")
    names = {part.partition(":")[0] for part in template.replace("}", "{").split("{")[1::2]}
    return f"{template.partition('{')[0]}…" if names & SECRETS else path
