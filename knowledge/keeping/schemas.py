"""What is known of a question to the author of a message („/merken")."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class KeepEntry:
    """A message whose author was asked whether it may become a draft; ``author`` is their address on the network."""

    id: UUID
    chat_id: UUID
    event: str
    author: str
