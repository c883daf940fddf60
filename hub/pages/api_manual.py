"""How other programs use Allmende: made from the description of the API itself, without anything from elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from hub.api.app import description
from hub.api.describing import ABOUT
from hub.api.manual import Area, Said, areas_of, said, with_forms
from hub.dependencies import Anybody
from hub.errors import PageNotFound
from hub.rendering import render
from hub.security.programs import API

router = APIRouter()
MANUAL = "/api"


@dataclass(frozen=True, slots=True)
class ManualPage:
    """What holds for all of it, and what there is; ``base`` begins every address."""

    base: str
    about: Said
    areas: Sequence[Area]


@dataclass(frozen=True, slots=True)
class AreaPage:
    """Everything about one area."""

    base: str
    area: Area


@router.get(MANUAL)
async def manual(request: Request, _visitor: Anybody) -> HTMLResponse:
    """Show what there is."""
    return await render(request, "api/manual.html", ManualPage(API, said(ABOUT), areas_of(description())))


@router.get(f"{MANUAL}/{{key}}")
async def area(request: Request, key: str, _visitor: Anybody) -> HTMLResponse:
    """Show the operations of one area."""
    found = next((one for one in areas_of(description()) if one.key == key), None)
    if found is None:
        raise PageNotFound
    return await render(request, "api/area.html", AreaPage(API, with_forms(found, description())))
