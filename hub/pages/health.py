"""Whether this process lives, and whether it can serve people: for proxies, containers and monitoring systems."""

import asyncio

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy.exc import SQLAlchemyError

from hub.dependencies import Anybody, Services
from hub.services import HubServices
from knowledge.kit.logs import get_logger
from knowledge.operations.schema import has_our_version

router = APIRouter()
# How long the database may take before this process counts as not ready, in seconds.
PATIENCE = 3.0
NEVER_KEPT = {"Cache-Control": "no-store"}


@router.get("/health/live")
async def live(visitor: Anybody) -> JSONResponse:  # noqa: ARG001 - everybody may ask
    """Say that the process answers; nothing else is looked at, so that a database that is away restarts nobody."""
    return JSONResponse({"status": "alive"}, headers=NEVER_KEPT)


@router.get("/health/ready")
async def ready(visitor: Anybody, services: Services) -> JSONResponse:  # noqa: ARG001 - everybody may ask
    """Say whether pages can be served: whether the database answers and has this program's version.

    Indexes that are still being opened, or are gone, do not count: signing in and reviewing go on without them.
    """
    problem = await _problem(services)
    if problem is None:
        return JSONResponse({"status": "ready"}, headers=NEVER_KEPT)
    get_logger().warning("hub_not_ready", error=problem)
    return JSONResponse({"status": "not ready", "part": "database"}, status_code=503, headers=NEVER_KEPT)


async def _problem(services: HubServices) -> str | None:
    try:
        fits = await asyncio.wait_for(has_our_version(services.database), PATIENCE)
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        return type(error).__name__
    return None if fits else "OtherVersion"
