"""Forms that are sent twice act once; what somebody typed is not lost when their session is over."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any

from fastapi import Request, Response
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from hub.auth.visiting import cookie_name, presence_of, set_cookie
from hub.rendering import KEY_FIELD
from hub.services import services_of
from knowledge.access.forms import KEPT_LASTS, Forms, used_key
from knowledge.access.secrets import LONGEST_TOKEN
from knowledge.kit.errors import InvalidInput
from knowledge.kit.unit_of_work import UnitOfWork, unit_of_work

KEPT_COOKIE = "allmende_form"
# In a form that is sent again after it was kept: it need not be kept any longer.
KEPT_FIELD = "kept_form"
# Where somebody finds what they had typed.
KEPT_PATH = "/konto/formular"


class FormWrong(InvalidInput):
    """Some fields cannot be right; ``errors`` are sentences by the field's name in the form."""

    code = "hub.form_wrong"

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(next(iter(errors.values())))
        self.errors = errors


class FormSentBefore(Exception):
    """A form came a second time; ``location`` is where the first one led."""

    def __init__(self, location: str) -> None:
        super().__init__(location)
        self.location = location


@dataclass(frozen=True, slots=True)
class _Sent:
    forms: Forms
    key: str


# The form that the present request sent; set by the transaction, read once the route has answered.
_sent: ContextVar[_Sent | None] = ContextVar("sent_form", default=None)


@asynccontextmanager
async def sent_once(request: Request, unit: UnitOfWork) -> AsyncIterator[None]:
    """Use up the key of the form that a request sent, in the transaction in which it acts.

    Raises ``FormSentBefore`` for a form that acted already.
    """
    form = await request.form() if request.method == "POST" else FormData()
    if any("\x00" in value for _name, value in form.multi_items() if isinstance(value, str)):
        raise HTTPException(400)  # no text has it, and PostgreSQL takes none that does
    given = form.get(KEY_FIELD)
    if not isinstance(given, str) or not given:
        yield
        return
    presence = await presence_of(request)
    key = used_key(presence.member_id if presence else None, request.url.path, given)
    forms = Forms(unit.session)
    if KEPT_FIELD in form:
        await forms.forget_kept(kept_token(request))
    location = await forms.take(key, request.url.path)
    if location is not None:
        raise FormSentBefore(location)
    _sent.set(_Sent(forms, key))
    try:
        yield
    finally:
        _sent.set(None)


Endpoint = Callable[..., Awaitable[Any]]


def noting_where_it_led(endpoint: Endpoint) -> Endpoint:
    """Return a route's function that also notes, in its transaction, where the form that it was sent led.

    What leads nowhere, such as a form that is shown again with what is wrong in it, may be sent again.
    """

    @wraps(endpoint)
    async def answering(**values: Any) -> Any:
        response = await endpoint(**values)
        sent = _sent.get()
        if sent is not None:
            location = response.headers.get("location") if isinstance(response, Response) else None
            await sent.forms.led_to(sent.key, location)
        return response

    return answering


def kept_token(request: Request) -> str:
    """Return by what the browser finds a kept form again; nothing where it has none."""
    token = request.cookies.get(cookie_name(request, KEPT_COOKIE), "")
    return token if len(token) <= LONGEST_TOKEN else ""


async def keep_typed(request: Request) -> str | None:
    """Keep the fields of a form whose sender has to sign in first; returns what the browser has to keep."""
    presence = await presence_of(request)
    if request.method != "POST" or presence is None:
        return None
    form = await request.form()
    fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    had_files = len(fields) < len(form.multi_items())
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    async with unit_of_work(services_of(request).database) as unit:
        return await Forms(unit.session).keep(presence.member_id, path, fields, had_files=had_files)


def keep_cookie(request: Request, response: Response, token: str) -> None:
    """Have the browser keep by what a kept form is found again."""
    set_cookie(request, response, KEPT_COOKIE, token, lasts=KEPT_LASTS)
