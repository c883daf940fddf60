"""Where somebody is in the hub, said so that nothing secret goes with it: the address of a page without its secrets."""

from fastapi import FastAPI, Request
from starlette.routing import BaseRoute

from hub.security.methods import route_of
from knowledge.models.page_report import LONGEST_PATH

# What stands in addresses and lets its bearer do something.
SECRETS = frozenset({"token", "code"})


def place_of(request: Request) -> str:
    """Return the address of the page that is shown, without what was searched for and without secrets."""
    return _without_secrets(request.scope.get("route"), request.url.path)


def plain_place(app: FastAPI, text: str) -> str:
    """Return what somebody says is a page's address, without its host, what was searched for and secrets.

    Words that are no address stay as they are.
    """
    text = " ".join(text.split())
    path = _path_in(text)
    return (text if path is None else _without_secrets(route_at(app, path), path))[:LONGEST_PATH]


def _path_in(text: str) -> str | None:
    """Return the path in an address; ``None`` for words. It begins with one slash: two would lead to another site."""
    head, slash, rest = text.partition("?")[0].partition("#")[0].partition("/")
    if not slash or " " in head:
        return None
    if head.lower() in ("", "http:", "https:") and rest.startswith("/"):
        rest = rest.lstrip("/").partition("/")[2]
    elif head and not {".", ":"} & set(head):
        return None
    return "/" + rest.strip("/\\")


def route_at(app: FastAPI, path: str) -> BaseRoute | None:
    """Return the page at an address."""
    return route_of({"type": "http", "app": app, "method": "GET", "path": path, "root_path": "", "headers": []})


def _without_secrets(route: BaseRoute | None, path: str) -> str:
    template: str = getattr(route, "path", "")
    names = {part.partition(":")[0] for part in template.replace("}", "{").split("{")[1::2]}
    return f"{template.partition('{')[0]}…" if names & SECRETS else path
