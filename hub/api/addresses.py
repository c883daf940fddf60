"""Where people reach the hub, and where things of the API are."""

from fastapi import Request

from hub.security.programs import API
from hub.services import services_of


def hub_address(request: Request) -> str:
    """Return the hub's own address, without a slash at the end."""
    known = services_of(request).settings.hub.hub_url
    return known.rstrip("/") if known else f"{request.url.scheme}://{request.url.netloc}"


def api_path(path: str) -> str:
    """Return the path of something of the API, as the header ``Location`` names it."""
    return f"{API}{path}"
