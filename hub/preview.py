"""A lesson as each chat shows it: what the hub asks for, and the chat's own writing functions give.

Pages may not know the chat, so whoever starts the hub hands this in (see ``hub/services.py``).
"""

from collections.abc import Sequence
from typing import Protocol

from knowledge.lessons.steps import Step


class ShownMessage(Protocol):
    """A message: characters with line breaks, the name of its picture, and the buttons below."""

    @property
    def text(self) -> str: ...

    @property
    def picture(self) -> str | None: ...

    @property
    def buttons(self) -> Sequence[str]: ...


class PreviewedChat(Protocol):
    """The messages of a lesson in one chat."""

    @property
    def name(self) -> str: ...

    @property
    def messages(self) -> Sequence[ShownMessage]: ...


class ChatPreview(Protocol):
    """Shows a lesson in each chat, in the current language."""

    def __call__(self, steps: Sequence[Step]) -> Sequence[PreviewedChat]: ...
