"""Signing in, so that device and token survive restarts: transaction ids and encryption hang on them."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from bot.matrix.keeping import read_secret, write_secret
from bot.matrix.wire import CLIENT, ServerRefused, Wire, text_of
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _
from knowledge.kit.logs import get_logger
from knowledge.kit.settings import MatrixSettings

DEVICE_NAME = "Allmende"
FILE = "session.json"


class SignInRefused(AllmendeError):
    """The homeserver does not let the bot in."""

    status = 503
    code = "matrix.sign_in_refused"


@dataclass(frozen=True, slots=True)
class Session:
    """Who the bot is on the homeserver."""

    user: str
    device: str
    token: str


def expected_account(settings: MatrixSettings, folder: Path) -> str:
    """Return the bot's address as far as it is known without the homeserver."""
    user = settings.matrix_user or ""
    if user.startswith("@"):
        return user
    stored = read_secret(folder / FILE).get("user")
    if isinstance(stored, str) and (not user or stored.startswith(f"@{user}:")):
        return stored
    return f"@{user}:{urlsplit(settings.matrix_homeserver or '').hostname or ''}"


async def sign_in(wire: Wire, settings: MatrixSettings, folder: Path) -> Session:
    """Sign in as the settings say, with the device and token of the last time where they still hold.

    Raises ``SignInRefused`` with what an administrator can do, or ``ServerAway``.
    """
    if settings.matrix_access_token is not None:
        return await _by_token(wire, settings.matrix_access_token.get_secret_value(), folder)
    if settings.matrix_user is None or settings.matrix_password is None:
        raise SignInRefused(
            _("ALLMENDE_MATRIX_USER and ALLMENDE_MATRIX_PASSWORD, or ALLMENDE_MATRIX_ACCESS_TOKEN, are needed.")
        )
    stored = _stored(settings, folder)
    if stored is not None:
        wire.token = stored.token
        try:
            await wire.get(f"{CLIENT}/account/whoami")
        except ServerRefused as error:
            get_logger().warning("matrix_token_expired", code=error.code)
        else:
            return stored
    return await _by_password(wire, settings, folder, device=stored.device if stored else None)


def _stored(settings: MatrixSettings, folder: Path) -> Session | None:
    values = read_secret(folder / FILE)
    user, device, token = (values.get(name) for name in ("user", "device", "token"))
    wanted = settings.matrix_user or ""
    fits = isinstance(user, str) and (user == wanted or user.startswith(f"@{wanted}:"))
    if not fits or not isinstance(device, str) or not isinstance(token, str):
        return None
    return Session(str(user), device, token)


async def _by_token(wire: Wire, token: str, folder: Path) -> Session:
    wire.token = token
    try:
        answer = await wire.get(f"{CLIENT}/account/whoami")
    except ServerRefused as error:
        raise SignInRefused(
            _("The Matrix homeserver does not accept ALLMENDE_MATRIX_ACCESS_TOKEN; please make a new one."),
            detail=str(error),
        ) from error
    if not isinstance(answer.get("device_id"), str):
        raise SignInRefused(_("ALLMENDE_MATRIX_ACCESS_TOKEN belongs to no device; please sign in to make another."))
    session = Session(text_of(answer, "user_id"), text_of(answer, "device_id"), token)
    # The token itself is in the settings.
    write_secret(folder / FILE, {"user": session.user, "device": session.device})
    return session


async def _by_password(wire: Wire, settings: MatrixSettings, folder: Path, *, device: str | None) -> Session:
    password = settings.matrix_password.get_secret_value() if settings.matrix_password else ""
    wire.token = None
    body = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": settings.matrix_user},
        "password": password,
        "initial_device_display_name": DEVICE_NAME,
        **({"device_id": device} if device else {}),
    }
    try:
        answer = await wire.post(f"{CLIENT}/login", body)
    except ServerRefused as error:
        raise _login_problem(error) from error
    session = Session(*(text_of(answer, name) for name in ("user_id", "device_id", "access_token")))
    write_secret(folder / FILE, {"user": session.user, "device": session.device, "token": session.token})
    wire.token = session.token
    return session


def _login_problem(error: ServerRefused) -> SignInRefused:
    if error.code == "M_LIMIT_EXCEEDED":
        message = _("The Matrix homeserver asks to wait before signing in again.")
    elif error.code == "M_USER_DEACTIVATED":
        message = _("The bot's Matrix account is deactivated.")
    else:
        message = _("The Matrix homeserver does not accept ALLMENDE_MATRIX_USER with ALLMENDE_MATRIX_PASSWORD.")
    return SignInRefused(message, detail=str(error))
