"""From a page's dataclass to HTML.

A page is a frozen dataclass whose fields are all that its template gets, beside what every template has (see
``_globals``). Unknown names are errors, everything is escaped, and no HTML is made in Python.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from hub.auth.visiting import visitor_of
from hub.colours import chosen_colours, keep_colours
from hub.messages import forget_said, said_to
from hub.places import place_of
from hub.static_files import static_address
from knowledge.access.rights import Right
from knowledge.kit.clock import HOME, now
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _, current_language, date_text, ngettext

# The field of a form that holds its one-time key; see hub/forms.py.
KEY_FIELD = "form_key"
# After how many seconds it is worth to try again what is away for the moment.
RETRY_SECONDS = 10
HUB = Path(__file__).resolve().parent
TEMPLATES = HUB / "templates"


@cache
def environment() -> Environment:
    """Return the one environment of all templates."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals.update(_globals())
    made.filters.update(date=local_date, moment=local_moment, age=age_text)
    return made


def _globals() -> Mapping[str, Any]:
    texts = {"_": _, "ngettext": ngettext, "language": current_language}
    return {**texts, "Right": Right, "form_key": form_key, "static": static_address}


def form_key() -> Markup:
    """Return the hidden field by which a form that is sent twice acts once."""
    html = environment().get_template("parts/form_key.html").render(name=KEY_FIELD, key=new_form_key())
    return Markup(html)  # noqa: S704 - made by a template of ours, which escapes


def new_form_key() -> str:
    """Return what makes a form act once."""
    return secrets.token_urlsafe(16)


def local_date(moment: date | datetime | None) -> str:
    """Return the day of a moment where the municipalities are; nothing for nothing."""
    if moment is None:
        return ""
    return date_text(moment.astimezone(HOME).date() if isinstance(moment, datetime) else moment)


def local_moment(moment: datetime | None) -> str:
    """Return day and time where the municipalities are; nothing for nothing."""
    return "" if moment is None else f"{local_date(moment)}, {moment.astimezone(HOME):%H:%M}"


def age_text(moment: datetime | None) -> str:
    """Return how long ago a moment was, in words."""
    if moment is None:
        return ""
    hours = max(0, int((now() - moment).total_seconds() // 3600))
    if hours < 1:
        return _("less than an hour")
    if hours < 48:
        return ngettext("{count} hour", "{count} hours", hours).format(count=hours)
    return ngettext("{count} day", "{count} days", hours // 24).format(count=hours // 24)


@dataclass(frozen=True, slots=True)
class Frame:
    """What is around every page: where it is, the colours chosen, what is said about the form that led here.

    ``place`` is where it is without anything secret, for reports about the page.
    ``switch`` gives the address of the same page in another language or other colours.
    """

    path: str
    colours: str
    said: str | None
    switch: Callable[..., str]
    place: str


def same_page(request: Request, **changes: str) -> str:
    """Return the address of the page that is shown, with another language or other colours chosen."""
    url = request.url.remove_query_params(["sprache", "farben"]).include_query_params(**changes)
    return f"{url.path}?{url.query}"


def say_when_again(response: Response, error: AllmendeError) -> None:
    """Tell in an answer after how many seconds to try again, where that may help."""
    retry = getattr(error, "retry_after", RETRY_SECONDS if error.status == 503 else None)
    if retry is not None:
        response.headers["Retry-After"] = str(int(retry))


async def render(
    request: Request, template: str, page: Any, *, status: int = 200, error: AllmendeError | None = None
) -> HTMLResponse:
    """Return a page.

    Args:
        request: what is answered.
        template: a file below ``hub/templates``.
        page: a dataclass; its fields are the template's names.
        status: the HTTP status.
        error: what is wrong with what was typed, whose status it is then.
    """
    values = {field.name: getattr(page, field.name) for field in fields(page)}
    visitor = await visitor_of(request)
    frame = Frame(
        request.url.path, chosen_colours(request), said_to(request), partial(same_page, request), place_of(request)
    )
    html = environment().get_template(template).render({"path": frame.path, **values}, frame=frame, visitor=visitor)
    response = HTMLResponse(html, error.status if error else status, {"Cache-Control": "private, no-store"})
    if error is not None:
        say_when_again(response, error)
    keep_colours(request, response)
    forget_said(request, response)
    return response
