"""Who calls the API, and whether they may ask once more: found before anything else of a request is looked at.

Nothing but the header ``Authorization: Bearer …`` counts; cookies do not exist here.
"""

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.api.addresses import api_path
from hub.api.dependencies import Caller
from hub.api.limits import Allowance, Limits, TooManyRequests
from hub.api.problems import problem_response
from hub.errors import as_error
from hub.services import HubServices, services_of
from knowledge.access.rights import SignInNeeded, stranger
from knowledge.kit.away import database_is_away
from knowledge.kit.clock import today
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.tokens.schemas import TokenPresence
from knowledge.tokens.service import Tokens

LONGEST_HEADER = 200
# What describes the API may be read as often as anybody likes, and by anybody.
FREE = api_path("/openapi.json")


class TokenInvalid(SignInNeeded):
    """A token is unknown, expired or revoked."""

    code = "api.token_invalid"

    def __init__(self) -> None:
        AllmendeError.__init__(self, _("This access for programs is not valid, or not any more."))
        self.headers = {"WWW-Authenticate": 'Bearer error="invalid_token"'}


class Admission:
    """Finds out who calls, counts the request, and turns away who asks too often or with a token that is none."""

    def __init__(self, app: ASGIApp, *, limits: Limits) -> None:
        self._app = app
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http" or scope["path"] == FREE:
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        address = request.client.host if request.client else ""
        secret = _secret(request.headers.getlist("authorization"))
        try:
            presence = await _presence(services_of(request), secret)
        except Exception as error:
            if not database_is_away(error):
                raise
            await problem_response(request, as_error(error))(scope, receive, send)
            return
        allowance = self._take(presence, address)
        sending = _telling(send, allowance)
        if allowance.is_spent:
            get_logger().info("api_too_often", with_token=presence is not None)
            await problem_response(request, TooManyRequests(allowance.reset))(scope, receive, sending)
        elif secret is not None and presence is None:
            await problem_response(request, TokenInvalid())(scope, receive, sending)
        else:
            visitor, entry = (presence.visitor, presence.entry) if presence else (stranger(), None)
            scope["state"]["caller"] = Caller(visitor, entry, address)
            await self._app(scope, receive, sending)

    def _take(self, presence: TokenPresence | None, address: str) -> Allowance:
        if presence is None:
            return self._limits.take_by_address(address)
        return self._limits.take_by_token(presence.entry.id)


def _secret(headers: list[str]) -> str | None:
    """Return the token that a request names; ``None`` where it names none, empty where it cannot be one."""
    if not headers:
        return None
    kind, _space, secret = headers[0].partition(" ")
    if len(headers) > 1 or kind.lower() != "bearer" or len(headers[0]) > LONGEST_HEADER:
        return ""
    return secret.strip()


async def _presence(services: HubServices, secret: str | None) -> TokenPresence | None:
    """Return whom a token lets act, noting the day on which it was used."""
    if not secret:
        return None
    async with unit_of_work(services.database, writes=False) as unit:
        presence = await Tokens(unit.session).find(secret)
    if presence is not None and presence.entry.used_on != today():
        async with unit_of_work(services.database) as unit:
            await Tokens(unit.session).mark_used(presence.entry)
    return presence


def _telling(send: Send, allowance: Allowance) -> Send:
    async def telling(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).update(allowance.headers)
        await send(message)

    return telling
