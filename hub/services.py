"""What pages work with, made once for the life of the process."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from fastapi import Request

from hub.chatting import WebChat
from hub.preview import ChatPreview
from knowledge.access.keys import AccessKey, load_key
from knowledge.access.passwords import Passwords
from knowledge.directories.client import DirectoryClient
from knowledge.kit.database import Database
from knowledge.kit.settings import Settings
from knowledge.library.answers.service import AnswerService
from knowledge.library.files.reader import FileReader


@dataclass(frozen=True, slots=True)
class HubServices:
    """The database, the settings, the library's answers, what checks passwords and what reads files."""

    database: Database
    settings: Settings
    answers: AnswerService
    passwords: Passwords = field(default_factory=Passwords)
    # Reads uploads; without one, each upload has one of its own.
    reader: FileReader | None = None
    # Shows lessons as each chat does; without one, they are shown as the hub does.
    preview: ChatPreview | None = None
    # Answers people in the browser; without one, pages say that nobody can be asked.
    chat: WebChat | None = None

    # Speaks with the directories by which organisations let their people sign in.
    directories: DirectoryClient = field(default_factory=DirectoryClient)

    @property
    def access_key(self) -> AccessKey:
        """The key of the second factors, read once. Raises ``KeyUnusable``."""
        return _key(self.settings.hub_key_path)


def services_of(request: Request) -> HubServices:
    """Return the services of the application that handles a request."""
    services: HubServices = request.app.state.services
    return services


async def given_services(request: Request) -> HubServices:
    """Return the same for a route; a function that is not ``async`` would be sent through a thread each time."""
    return services_of(request)


@cache
def _key(path: Path) -> AccessKey:
    return load_key(path)
