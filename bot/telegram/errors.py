"""What Telegram's refusals mean for a message."""

from telegram.error import TelegramError

from bot.core.adapter import SendPostponed, SendRefused
from bot.telegram.api import ApiRefusal, UnusableAnswer
from knowledge.kit.errors import AllmendeError
from knowledge.kit.language import _

# Telegram's words where the whole chat is out of reach, although the status does not say so.
_GONE = ("chat not found", "user is deactivated", "peer_id_invalid", "group chat was deleted", "chat was deleted")
_LATER = 500


class TelegramRefused(AllmendeError):
    """Telegram does not let the bot sign in."""

    code = "chat.telegram_refused"


def send_error(error: TelegramError) -> SendRefused | SendPostponed:
    """Return the error of the port for one of the library's."""
    if not isinstance(error, ApiRefusal):
        detail = f"status {error.status}" if isinstance(error, UnusableAnswer) else type(error).__name__
        return SendPostponed(_("Telegram cannot be reached at the moment."), detail=detail)
    if error.retry_after is not None or error.status == 429:
        seconds = error.retry_after
        return SendPostponed(_("Telegram asks to write more slowly."), detail="status 429", seconds=seconds)
    # A token that is refused can be replaced; messages wait for it.
    if error.status >= _LATER or error.status == 401:
        return SendPostponed(_("Telegram cannot be reached at the moment."), detail=f"status {error.status}")
    gone = error.status == 403 or error.says(*_GONE)
    return SendRefused(_("Telegram does not take this message."), detail=_short(error), gone=gone)


def _short(error: ApiRefusal) -> str:
    """Return status and Telegram's own words, which name no person."""
    return f"status {error.status}: {error.description[:120]}"
