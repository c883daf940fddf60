"""Signing out at the directory, too, for whoever signed in with one; here they are signed out already."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response

from hub.auth.directory_sessions import directory_of, forget_directory
from hub.dependencies import Anybody, Services
from hub.messages import redirect
from hub.rendering import render
from knowledge.directories.signing_in import SIGNED_OUT_PATH, DirectorySignIns

router = APIRouter()
OFFER = "/anmelden/verzeichnis/abmelden"


@dataclass(frozen=True, slots=True)
class SignedOutPage:
    """At which directory one may be signed in still, and where one signs out there."""

    name: str
    host: str
    address: str


@router.get(OFFER)
async def offer(request: Request, visitor: Anybody, services: Services) -> Response:
    """Say that the directory has a session of its own, and lead to where that ends.

    A directory that is away, or that has no such place, changes nothing: one is signed out here.
    """
    provider_id = directory_of(request)
    if visitor.member is not None or provider_id is None:
        return redirect("/")
    ways = DirectorySignIns(services.database, services.access_key, services.directories, services.settings.hub.address)
    way_out = await ways.way_out(provider_id)
    if way_out is None:
        response: Response = redirect("/", said="account.signed_out")
        forget_directory(request, response)
        return response
    page = SignedOutPage(way_out.name, urlsplit(way_out.address).hostname or "", way_out.address)
    return await render(request, "sign_in/signed_out.html", page)


@router.get(SIGNED_OUT_PATH)
async def signed_out(request: Request, visitor: Anybody) -> Response:
    """Receive whoever comes back from signing out at a directory."""
    if visitor.member is not None:
        return redirect("/")
    response = redirect("/", said="account.signed_out" if directory_of(request) else None)
    forget_directory(request, response)
    return response
