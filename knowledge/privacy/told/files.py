"""The files that show somebody everything that is kept about them: one to read, one for machines."""

import json
from dataclasses import asdict
from datetime import date
from uuid import UUID

from knowledge.kit.language import _, ngettext
from knowledge.kit.settings import ChatSettings
from knowledge.models.chat import Network
from knowledge.privacy.schemas import PersonalData
from knowledge.privacy.told.parts import Section, moment_text
from knowledge.privacy.told.person import sections

# What the file for machines is called; the one to read is called so in the reader's language.
MACHINE_NAME = "allmende-my-data.json"
# The mark tells Windows' editor that this is UTF-8.
MARK = "\ufeff"


def readable_name() -> str:
    """Return what the file to read is called."""
    return _("my-data.txt")


def readable_file(data: PersonalData, chats: ChatSettings) -> bytes:
    """Return everything as a text in the current language."""
    parts = [
        _("Everything that Allmende keeps about you"),
        _("As of {moment}.").format(moment=moment_text(data.made_at)),
        *(part for shown in sections(data) for part in _texts(shown)),
        *votes(data),
        _underlined(_("What is not kept, and what others keep")),
        *notes(chats),
    ]
    content = "\n\n".join(parts)
    return f"{MARK}{content}\n".encode()


def machine_file(data: PersonalData, chats: ChatSettings) -> bytes:
    """Return everything as JSON, with English names whatever the language."""
    values = {"format": "allmende-my-data", "format_version": 1, **asdict(data), "notes": notes(chats)}
    content = json.dumps(values, ensure_ascii=False, indent=2, default=_plain)
    return f"{content}\n".encode()


def notes(chats: ChatSettings) -> list[str]:
    """Return what is not kept here, and what others keep."""
    return [
        _(
            "Your display name and picture are not kept, nor what was not addressed to the bot. Questions whose time "
            "is over no longer link to you; their words are kept without you for at most {days} and can no longer be "
            "found for you."
        ).format(days=_days(chats.chat_question_days)),
        _(
            "Whether an answer helped is kept without a name. The record of how an answer came about holds your "
            "question’s words only as long as these are kept."
        ),
        _(
            "That a message was handled or sent is noted for seven days, without its content, so that nothing is "
            "done twice. Backups of the operator may hold older states for some time."
        ),
        _(
            "The chat network itself keeps your messages and mine, in your house’s or somebody else’s server and in "
            "the devices of all who read along. Only you and the operator of that network can see to that."
        ),
    ]


def votes(data: PersonalData) -> list[str]:
    """Return what is to be said about votes on what others asked; nothing where there are none."""
    if not data.votes_elsewhere:
        return []
    text = ngettext(
        "You have judged {count} answer to a question of somebody else. It will soon no longer be known that it was "
        "you.",
        "You have judged {count} answers to questions of others. It will soon no longer be known that it was you.",
        data.votes_elsewhere,
    )
    return [text.format(count=data.votes_elsewhere)]


def _days(count: int) -> str:
    return ngettext("{count} day", "{count} days", count).format(count=count)


def _texts(shown: Section) -> list[str]:
    entries = ["\n".join(f"{label}: {value}" for label, value in entry) for entry in shown.entries]
    return [_underlined(shown.title), *(entries or [_("Nothing.")])]


def _underlined(title: str) -> str:
    return f"{title}\n{'-' * len(title)}"


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID | Network):
        return str(value)
    raise TypeError(f"no JSON for {type(value).__name__}")
