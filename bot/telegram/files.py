"""Fetching files that people sent to the bot."""

from telegram.error import TelegramError

from bot.core.adapter import FileRefused
from bot.core.messages import FileNote
from bot.telegram.api import ApiBot, ApiRefusal
from bot.telegram.errors import send_error
from knowledge.kit.language import _

# What Telegram lets bots fetch.
LARGEST = 20 * 2**20


async def fetch_file(bot: ApiBot, note: FileNote, *, most: int) -> bytes:
    """Return the content of a file. Raises ``FileRefused`` or ``SendPostponed``."""
    most = min(most, LARGEST)
    if note.size is not None and note.size > most:
        raise too_large(most)
    if not note.reference:
        raise FileRefused(_("This is no file that I could read."))
    try:
        found = await bot.get_file(note.reference)
        if found.file_size is not None and found.file_size > most:
            raise too_large(most)
        content = bytes(await found.download_as_bytearray())
    except ApiRefusal as error:
        if error.says("too big"):
            raise too_large(most) from error
        if error.status in (400, 404):
            raise FileRefused(_("This file is not there any more. Please send it once more.")) from error
        raise send_error(error) from error
    except TelegramError as error:
        raise send_error(error) from error
    if len(content) > most:
        raise too_large(most)
    return content


def too_large(most: int) -> FileRefused:
    """Return the error for a file with more bytes than that."""
    return FileRefused(_("This file is too large; I take at most {count} MB.").format(count=most // 2**20))
