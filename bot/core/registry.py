"""All that the bot can do, in one place, for the dispatcher and for help texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bot.core.dialogue import Dialogue
from bot.core.turn import ChoiceHandler, Command, Handler

_T = TypeVar("_T")


@dataclass(frozen=True)
class Registry:
    """What handlers there are; what is missing is silently left undone."""

    commands: tuple[Command, ...] = ()
    choices: tuple[ChoiceHandler, ...] = ()
    dialogues: tuple[Dialogue, ...] = ()
    # A plain question, one that was changed, one that was taken back.
    question: Handler | None = None
    edited: Handler | None = None
    redacted: Handler | None = None
    # The bot came into a chat, went from it, found it under another address; somebody else came.
    added: Handler | None = None
    removed: Handler | None = None
    moved: Handler | None = None
    joined: Handler | None = None
    # Messages that cannot be read, files that are not taken.
    unreadable: Handler | None = None
    files: Handler | None = None
    # A group's message that is not for the bot, where the circle recognises questions.
    overheard: Handler | None = None

    _commands: Mapping[str, Command] = field(init=False)
    _choices: Mapping[str, ChoiceHandler] = field(init=False)
    _dialogues: Mapping[str, Dialogue] = field(init=False)

    def __post_init__(self) -> None:
        """Raise ``ValueError`` where two claim the same name."""
        named = [(name, command) for command in self.commands for name in command.names]
        object.__setattr__(self, "_commands", _unique(named))
        object.__setattr__(self, "_choices", _unique([(choice.name, choice) for choice in self.choices]))
        object.__setattr__(self, "_dialogues", _unique([(dialogue.name, dialogue) for dialogue in self.dialogues]))

    def command(self, name: str) -> Command | None:
        """Return the command of this name, in either language."""
        return self._commands.get(name.lower())

    @property
    def command_names(self) -> tuple[str, ...]:
        """The names of all commands."""
        return tuple(self._commands)

    def choice(self, name: str) -> ChoiceHandler | None:
        """Return what happens for ``<name>:<anything>``."""
        return self._choices.get(name)

    def dialogue(self, name: str) -> Dialogue | None:
        """Return the dialogue of this name."""
        return self._dialogues.get(name)


def _unique(pairs: list[tuple[str, _T]]) -> dict[str, _T]:
    named = dict(pairs)
    if len(named) != len(pairs):
        names = [name for name, _thing in pairs]
        raise ValueError(f"claimed twice: {sorted({name for name in names if names.count(name) > 1})}")
    return named
