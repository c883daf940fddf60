"""„Gespräch": asking in the browser, a page a turn; what was said is read from the database."""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, File, Form, Request, Response, UploadFile
from fastapi.responses import HTMLResponse

from hub.auth.visiting import cookie_name, leave_unnoted
from hub.chatting import WebChat
from hub.dependencies import Anybody, MayContribute, Reading, Services
from hub.messages import redirect
from hub.pages.library_parts import read_number
from hub.pages.sign_in import caller_of
from hub.rendering import KEY_FIELD, render
from hub.services import HubServices
from knowledge.access.rights import SignInNeeded, Visitor
from knowledge.kit.errors import AllmendeError, InvalidInput, Unavailable
from knowledge.kit.language import _, current_language
from knowledge.kit.unit_of_work import unit_of_work
from knowledge.library.files.limits import MEGABYTE
from knowledge.models.member import Role
from knowledge.webchat.limits import TooManyVisits, count_visit
from knowledge.webchat.schemas import PICTURES, SentFile, ShownBlock, Talker, TalkState, Transcript, WebTurn
from knowledge.webchat.service import WebChatService, new_token, talking, visiting

router = APIRouter()
CHAT = "/chat"
# Where one goes on typing.
INPUT = "eingabe"
COOKIE = "allmende_gespraech"
LONGEST_TEXT = 20_000
LARGEST_FILE = 20 * MEGABYTE
# What files may be said to be; everything else is only kept.
OPENED = (*PICTURES, "application/pdf", "application/json", "text/calendar", "text/plain")

Typed = Annotated[str, Form()]


class TextTooLong(InvalidInput):
    """What somebody typed is longer than the bot reads."""

    code = "webchat.too_long"

    def __init__(self) -> None:
        message = _("This is too long. Please write at most {count} characters at once.")
        super().__init__(message.format(count=LONGEST_TEXT))


class FileTooLarge(InvalidInput):
    """A file is larger than the bot takes in a conversation."""

    code = "webchat.file_too_large"

    def __init__(self) -> None:
        message = _("This file is too large. Please send at most {count} MB.")
        super().__init__(message.format(count=LARGEST_FILE // MEGABYTE))


class ChatAway(Unavailable):
    """This process answers nobody in the browser."""

    code = "webchat.away"

    def __init__(self) -> None:
        super().__init__(_("Nobody can be asked here at the moment. The search works."))


def way_of(home: str, address: str | None) -> str | None:
    """Return where a link leads: below the hub's own address (``home``) without it, elsewhere by http or https only."""
    if address is None or not address.isprintable():
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return None
    own = address.removeprefix(home)
    return own if own != address and own.startswith("/") and not own.startswith("//") else address


def grouped(blocks: Sequence[ShownBlock]) -> list[tuple[str, list[ShownBlock]]]:
    """Return blocks of the same kind that follow each other together, by their kind."""
    return [(kind, list(group)) for kind, group in groupby(blocks, key=lambda block: block.kind)]


@dataclass(frozen=True, slots=True)
class ChatPage:
    """What was said, and what was typed and cannot be taken.

    ``way`` gives where a link leads. ``was_visitor``: there may be another conversation, from before signing in.
    """

    said: Transcript
    way: Callable[[str | None], str | None]
    typed: str = ""
    problem: str = ""
    was_visitor: bool = False
    longest: int = LONGEST_TEXT
    grouped: Callable[[Sequence[ShownBlock]], list[tuple[str, list[ShownBlock]]]] = grouped


@dataclass(frozen=True, slots=True)
class _Turner:
    """Who does something in the browser; ``token`` is what their browser is to keep from now on."""

    talker: Talker
    token: str = ""


@router.get(CHAT)
async def conversation(request: Request, visitor: Anybody, session: Reading, services: Services) -> HTMLResponse:
    """Show somebody's own conversation."""
    talker = _talker(request, visitor)
    before = read_number(request.query_params.get("vor"))
    said = await WebChatService(session).transcript(talker, before=before) if talker else Transcript(())
    _seen_by_page(request)
    await _take_up(services, said.state)
    return await _show(request, visitor, services, said)


@router.get(f"{CHAT}/neues")
async def news(request: Request, visitor: Anybody, session: Reading, services: Services) -> Response:
    """Lead to what came after a message (``nach``).

    A page that looks by itself says in ``If-None-Match`` how it saw the conversation; where that is all, it hears so.
    """
    talker = _talker(request, visitor)
    state = await WebChatService(session).state(talker) if talker else TalkState()
    await _take_up(services, state)
    seen, etag = _seen_by_page(request), f'"{state.mark}"'
    if seen == etag:
        return Response(status_code=304, headers={"ETag": etag, "Cache-Control": "private, no-store"})
    first = state.after(read_number(request.query_params.get("nach")) or 0)
    return redirect(f"{CHAT}#{INPUT if first is None else f'm{first}'}")


def _seen_by_page(request: Request) -> str | None:
    """Return how a page that looks by itself saw the conversation; that it looks is no sign that anybody is there."""
    seen = request.headers.get("if-none-match")
    if seen is not None:
        leave_unnoted(request)
    return seen


async def _take_up(services: HubServices, state: TalkState) -> None:
    """Have answered what a process took that was killed; whichever is asked for it goes on."""
    if state.open and services.chat is not None:
        await services.chat.take_up(state.open)


async def _show(  # noqa: PLR0913 - what a page is made of, and what is wrong with the form
    request: Request,
    visitor: Visitor,
    services: HubServices,
    said: Transcript,
    *,
    typed: str = "",
    error: AllmendeError | None = None,
) -> HTMLResponse:
    page = ChatPage(
        said,
        way=partial(way_of, services.settings.hub.address),
        typed=typed,
        problem=error.message if error else "",
        was_visitor=visitor.member is not None and _token(request) != "",
    )
    return await render(request, "chat/chat.html", page, error=error)


@router.post(CHAT)
async def say(request: Request, visitor: Anybody, services: Services, q: Typed = "") -> Response:
    """Take what somebody says, and show the page with the answer."""
    text = q.strip().replace("\x00", "")
    if not text:
        return redirect(f"{CHAT}#{INPUT}")
    try:
        if len(text) > LONGEST_TEXT:
            raise TextTooLong
        return await _turn(request, services, _turner(request, visitor, services), text=text)
    except (TextTooLong, TooManyVisits, Unavailable) as error:  # what was typed stays on the page
        return await _refuse(request, visitor, services, text, error)


async def _refuse(
    request: Request, visitor: Visitor, services: HubServices, text: str, error: AllmendeError
) -> HTMLResponse:
    """Show the page again with what was typed, and what is wrong with it."""
    talker = _talker(request, visitor)
    async with unit_of_work(services.database, writes=False) as unit:
        said = await WebChatService(unit.session).transcript(talker) if talker else Transcript(())
    return await _show(request, visitor, services, said, typed=text, error=error)


@router.post(f"{CHAT}/wahl")
async def choose(
    request: Request, visitor: Anybody, services: Services, nachricht: Typed = "", wahl: Typed = ""
) -> Response:
    """Take what somebody chooses below a message."""
    if not nachricht or not wahl:
        return redirect(f"{CHAT}#{INPUT}")
    turner = _turner(request, visitor, services)
    return await _turn(request, services, turner, about=nachricht[:100], choice=wahl[:100])


@router.post(f"{CHAT}/datei")
async def send_file(
    request: Request, visitor: MayContribute, services: Services, datei: Annotated[UploadFile | None, File()] = None
) -> Response:
    """Take a file that somebody sends, such as a report that is to become an experience."""
    name = ((datei.filename if datei else None) or "").replace("\\", "/").rpartition("/")[2]
    if datei is None or not name:
        return redirect(f"{CHAT}#{INPUT}")
    content = await datei.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise FileTooLarge
    return await _turn(
        request,
        services,
        _turner(request, visitor, services),
        file=SentFile(name[:200], datei.content_type, content),
    )


@router.get(f"{CHAT}/datei/{{message:int}}")
async def file(request: Request, message: int, visitor: Anybody, session: Reading) -> Response:
    """Give a file of somebody's own conversation: pictures to be shown, others to be kept."""
    talker = _talker(request, visitor) or Talker("")
    found = await WebChatService(session).file(talker, message)
    disposition = "inline" if found.media_type in PICTURES else "attachment"
    headers = {
        "Content-Disposition": f"{disposition}; filename*=UTF-8''{quote(found.name, safe='')}",
        "Cache-Control": "private, no-store",
    }
    return Response(found.content, media_type=_media_type(found.media_type), headers=headers)


def _media_type(kind: str) -> str:
    """Return what a file is said to be: nothing that a browser might open as a page of ours."""
    kind = kind.partition(";")[0].strip()
    return kind if kind in OPENED else "application/octet-stream"


@router.post(f"{CHAT}/loeschen")
async def end(request: Request, visitor: Anybody, services: Services) -> Response:
    """Delete somebody's own conversation."""
    talker = _talker(request, visitor)
    ended = False
    if talker is not None:
        async with unit_of_work(services.database) as unit:
            ended = await WebChatService(unit.session).end(talker)
    response = redirect(CHAT, said="chat.deleted" if ended else None)
    if visitor.member is None:
        response.delete_cookie(cookie_name(request, COOKIE), path="/", httponly=True, samesite="lax")
    return response


async def _turn(  # noqa: PLR0913 - one of three ways to do something, each by its name
    request: Request,
    services: HubServices,
    turner: _Turner,
    *,
    text: str = "",
    about: str | None = None,
    choice: str | None = None,
    file: SentFile | None = None,
) -> Response:
    """Have something answered, and lead to where the answer begins."""
    key = await _key(request, turner.talker, text, about or "", choice or "", file.name if file else "")
    turn = WebTurn(turner.talker, key, current_language(), text=text, about=about, choice=choice, file=file)
    await _chat(services).take(turn)
    async with unit_of_work(services.database, writes=False) as unit:
        said = await WebChatService(unit.session).transcript(turner.talker)
    response = redirect(f"{CHAT}#{_beginning(said, key)}", said=None if said.is_there else "chat.erased")
    if turner.token:
        _keep_token(request, response, turner.token)
    return response


def _beginning(said: Transcript, key: str) -> str:
    """Return the anchor of the message that somebody's turn begins with."""
    mine = next((message for message in said.messages if message.key == key), None)
    return f"m{mine.id}" if mine else INPUT


async def _key(request: Request, talker: Talker, *what: str) -> str:
    """Return what identifies a turn: the same for a form that is sent twice with the same in it."""
    given = (await request.form()).get(KEY_FIELD)
    once = given if isinstance(given, str) and given else secrets.token_urlsafe(16)
    return hashlib.blake2b("\x1f".join((talker.address, once, *what)).encode(), digest_size=20).hexdigest()


def _chat(services: HubServices) -> WebChat:
    if services.chat is None:
        raise ChatAway
    return services.chat


def _token(request: Request) -> str:
    return request.cookies.get(cookie_name(request, COOKIE), "")


def _talker(request: Request, visitor: Visitor) -> Talker | None:
    """Return whose conversation somebody sees; ``None`` for a visitor who never said anything."""
    return talking(visitor.member.id) if visitor.member is not None else visiting(_token(request))


def _turner(request: Request, visitor: Visitor, services: HubServices) -> _Turner:
    """Return who does something here and now.

    Raises ``SignInNeeded`` for people with more than a member's rights who gave no second factor, since the bot knows
    no sessions; and ``TooManyVisits``.
    """
    if visitor.member is not None:
        if visitor.member.role is not Role.MEMBER and not visitor.second_factor:
            raise SignInNeeded
        return _Turner(talking(visitor.member.id))
    known = visiting(_token(request))
    count_visit(services.database, caller_of(request), begins=known is None)
    if known is not None:
        return _Turner(known)
    token = new_token()
    made = visiting(token)
    if made is None:
        raise ChatAway
    return _Turner(made, token)


def _keep_token(request: Request, response: Response, token: str) -> None:
    """Have a visitor's browser keep, until it is closed, by what it comes back to its conversation."""
    response.set_cookie(
        cookie_name(request, COOKIE),
        token,
        path="/",
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",
    )
