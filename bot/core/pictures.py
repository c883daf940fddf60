"""What a picture shows, in words, for networks that have no place for that beside the picture."""

from bot.core.messages import Attachment, Outgoing
from bot.core.text import RichText, note, rich
from knowledge.kit.language import _


def picture_words(picture: Attachment) -> str:
    """Return a line that says what a picture shows; without such words, its name."""
    return _("Picture: {words}").format(words=picture.alt or picture.name)


def described_text(message: Outgoing) -> RichText | None:
    """Return what a message says, with a note of what its picture shows, if it has one."""
    picture = message.attachment
    if picture is None or not picture.is_picture:
        return message.text
    return (message.text or rich()) + rich(note(picture_words(picture)))
