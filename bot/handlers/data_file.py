"""The files that show somebody everything that is kept about them, as the bot sends them."""

from bot.core.messages import Attachment
from knowledge.kit.settings import ChatSettings
from knowledge.privacy.schemas import PersonalData
from knowledge.privacy.told import files


def readable_file(data: PersonalData, chats: ChatSettings) -> Attachment:
    """Return everything as a text in the current language."""
    content = files.readable_file(data, chats)
    return Attachment(files.readable_name(), "text/plain; charset=utf-8", content)


def machine_file(data: PersonalData, chats: ChatSettings) -> Attachment:
    """Return everything as JSON, with English names whatever the language."""
    return Attachment(files.MACHINE_NAME, "application/json", files.machine_file(data, chats))
