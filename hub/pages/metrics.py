"""``/metrics`` for monitoring systems that know the token; without one in the settings there is nothing here.

Whether a request comes from this machine says nothing: behind a proxy all do. So it is always the token that counts.
"""

from fastapi import APIRouter, Request, Response

from hub.dependencies import Anybody, Services
from hub.errors import PageNotFound
from hub.metrics import Exposition, may_read, unauthorised

router = APIRouter()


@router.get("/metrics")
async def metrics(request: Request, _visitor: Anybody, services: Services) -> Response:
    """Show the numbers of this process."""
    if services.settings.metrics.metrics_token is None:
        raise PageNotFound
    if not may_read(services.settings, request):
        return unauthorised()
    known: Exposition | None = getattr(request.app.state, "exposition", None)
    if known is None:
        known = request.app.state.exposition = Exposition(services.database)
    return await known.respond()
