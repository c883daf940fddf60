"""Which requests are other programs': they bring a token instead of a cookie, and JSON instead of forms."""

from starlette.types import Scope

# Where the API is.
API = "/api/v1"


def is_api(scope: Scope) -> bool:
    """Whether a request is one to the API."""
    path: str = scope.get("path", "")
    return path == API or path.startswith(f"{API}/")
