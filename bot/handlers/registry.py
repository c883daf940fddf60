"""Everything the bot can do, collected from the modules beside this one."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

import bot.handlers
from bot.core.dialogue import Dialogue
from bot.core.registry import Registry
from bot.core.turn import ChoiceHandler, Command, Handler

# Which module holds the handler of events that are no command, and under which name.
EVENTS = {
    "question": ("asking", "QUESTION"),
    "edited": ("asking", "EDITED"),
    "redacted": ("asking", "REDACTED"),
    "unreadable": ("asking", "UNREADABLE"),
    "files": ("experience_files", "FILES"),
    "added": ("circles", "ADDED"),
    "removed": ("circles", "REMOVED"),
    "moved": ("circles", "MOVED"),
    "joined": ("circles", "JOINED"),
    "overheard": ("recognition", "OVERHEARD"),
}


@cache
def build_registry() -> Registry:
    """Return all commands, choices, dialogues and handlers of events.

    Handlers that need it, such as help, call it when they are called: it imports them all.
    """
    modules = handler_modules()
    events: dict[str, Handler | None] = {
        event: getattr(modules.get(module), name, None) for event, (module, name) in EVENTS.items()
    }
    commands: list[Command] = _all(modules, "COMMANDS")
    choices: list[ChoiceHandler] = _all(modules, "CHOICES")
    dialogues: list[Dialogue] = _all(modules, "DIALOGUES")
    return Registry(tuple(commands), tuple(choices), tuple(dialogues), **events)


@cache
def handler_modules() -> Mapping[str, ModuleType]:
    """Return the modules beside this one by name, imported."""
    names = sorted(module.name for module in iter_modules(bot.handlers.__path__))
    return {name: import_module(f"bot.handlers.{name}") for name in names if name != "registry"}


def _all(modules: Mapping[str, ModuleType], name: str) -> list[Any]:
    return [thing for module in modules.values() for thing in getattr(module, name, ())]
