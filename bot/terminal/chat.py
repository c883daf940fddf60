"""A conversation in the terminal, with the same core as on every other network."""

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from filelock import FileLock, Timeout

from bot.core.registry import Registry
from bot.core.running import Bot, Manner, make_services
from bot.terminal.adapter import TerminalAdapter, Write
from knowledge.access.visibility import Viewer
from knowledge.kit.database import Database
from knowledge.kit.language import _
from knowledge.kit.settings import Settings
from knowledge.library.answers.service import AnswerService

# Nobody floods themselves.
WITHOUT_LIMITS = {"chat_person_limit": 100_000, "chat_group_limit": 100_000}


class Conversation:
    """What is needed to talk: settings, the database, answers, and what the bot can do.

    Args:
        settings: as they are.
        database: where the conversation is kept.
        answers: answers questions.
        registry: what the bot can do.
    """

    def __init__(self, settings: Settings, database: Database, answers: AnswerService, registry: Registry) -> None:
        self._settings = replace(settings, chats=settings.chats.model_copy(update=WITHOUT_LIMITS))
        self._database = database
        self._answers = answers
        self._registry = registry

    async def hold(self, adapter: TerminalAdapter, write: Write, viewer: Viewer) -> None:
        """Answer line after line until the lines or the person's patience end.

        Args:
            adapter: where the person types and reads.
            write: shows them something.
            viewer: whose eyes to look with.
        """
        services = make_services(self._settings, self._database, self._answers, [adapter])
        manner = Manner(viewer_for=lambda _chat, _identity: viewer, goes_on=False)
        write(_("Hello! I am Allmende, an automatic assistant. Please ask me something; /help explains, /quit ends."))
        async with Bot(services, [adapter], self._registry, manner) as bot:
            adapter.answered = bot.settle
            await adapter.ended.wait()
        write(_("Goodbye!"))


def claim_name(folder: Path, stack: ExitStack) -> str:
    """Return a name for this conversation that no other one in the same data folder has, as long as ``stack`` lives."""
    number = 1
    while True:
        try:
            stack.enter_context(FileLock(folder / f"bot-terminal-{number}.lock", timeout=0))
        except Timeout:
            number += 1
        else:
            return f"terminal-{number}"
