"""Pages of the tests' own, beside the real ones: a form that notes what it was sent, and what goes wrong on request."""

import asyncio
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, File, Form, Response, UploadFile
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute

from hub.app import acting
from hub.dependencies import Anybody, MayManageLibrary, MayReview, Reading, Writing
from knowledge.kit.errors import Conflict, NotFound
from knowledge.members.service import MemberService
from tests.hub.signed_in import Hub

SECRET = "Frau Müller, IBAN DE02"


@dataclass
class Probes:
    """What the pages were sent."""

    texts: list[str] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)


def add_probes(hub: Hub) -> Probes:
    """Add the pages to a hub."""
    probes, router = Probes(), APIRouter(prefix="/probe")

    @router.post("/form")
    async def form(
        _visitor: MayReview, unit: Writing, text: Annotated[str, Form()], tags: Annotated[list[str], Form()]
    ) -> Response:
        """Note a text, and add a member named like it."""
        await MemberService(unit.session).add(text[:20])
        probes.texts.append(text + "|" + ",".join(tags))
        if text == "wrong":
            return Response("shown again", 422)
        return RedirectResponse(f"/probe/done/{len(probes.texts)}", 303)

    @router.post("/slow")
    async def slow(_visitor: Anybody, unit: Writing, text: Annotated[str, Form()]) -> Response:
        """Take a while."""
        await MemberService(unit.session).add(text)
        await asyncio.sleep(0.01)
        return RedirectResponse("/probe/done", 303)

    @router.post("/files")
    async def files(_visitor: MayManageLibrary, _unit: Writing, upload: Annotated[UploadFile, File()]) -> Response:
        """Take a file."""
        probes.files.append(await upload.read())
        return RedirectResponse("/", 303)

    @router.get("/members")
    async def members(_visitor: Anybody, session: Reading) -> Response:
        """Read from the database."""
        return Response(str(len(await MemberService(session).list())))

    @router.get("/number/{number}")
    async def number(_visitor: Anybody, number: int) -> Response:
        """Take a number."""
        return Response(str(number))

    @router.get("/fails/{how}")
    async def fails(_visitor: Anybody, how: str) -> Response:
        """Fail in a way."""
        errors = {"known": NotFound("Not this one.", detail=SECRET), "conflict": Conflict("Somebody was here.")}
        raise errors.get(how) or ValueError(SECRET)

    for route in router.routes:
        assert isinstance(route, APIRoute)
        hub.app.router.routes.append(acting(route))
    return probes
