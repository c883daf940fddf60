"""On the way to a directory and back: what the browser keeps meanwhile, sealed, so that nothing has to be kept here.

It is bound to the browser in which it began, lasts for minutes, and is used up once (``used_forms``).
"""

import json
from dataclasses import asdict, fields
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.forms import Forms
from knowledge.access.keys import AccessKey
from knowledge.access.secrets import LONGEST_TOKEN, make_token, token_digest
from knowledge.directories.errors import VisitOver
from knowledge.directories.schemas import Arrival, Visit
from knowledge.kit.clock import now

# How long somebody may be at their directory, and how long it may take to join afterwards.
VISIT_LASTS = timedelta(minutes=15)
JOIN_LASTS = timedelta(minutes=30)
# A longer way, in bytes, is not kept: cookies have little room.
LONGEST_WAY = 500
LONGEST_SEALED = 3500
_IDENTIFIERS = ("provider_id", "member_id", "session_id")
_T = TypeVar("_T", Visit, Arrival)


def new_visit(provider_id: UUID, way: str, *, member_id: UUID | None = None, session_id: UUID | None = None) -> Visit:
    """Return a visit that begins now.

    Args:
        provider_id: the directory.
        way: where somebody goes afterwards.
        member_id: who links an account, in the session ``session_id``.
        session_id: see above.
    """
    way = way if len(way.encode()) <= LONGEST_WAY else "/"
    numbers = make_token(), make_token(), make_token()
    return Visit(*numbers, provider_id, way, int(now().timestamp()), member_id, session_id)


def visit_name(state: str) -> str:
    """Return by what a browser tells its visits apart: each has a place of its own, so two windows do not meet."""
    return token_digest(state)[:16]


def is_state(state: str) -> bool:
    """Whether something can be the state of a visit at all."""
    return 0 < len(state) <= LONGEST_TOKEN and state.isascii()


class Sealing:
    """Seals what the browser keeps, and opens it again.

    Args:
        key: of the hub.
    """

    def __init__(self, key: AccessKey) -> None:
        self._key = key

    def seal(self, kept: Visit | Arrival) -> str:
        """Return what the browser keeps."""
        values = {name: str(value) if isinstance(value, UUID) else value for name, value in asdict(kept).items()}
        return self._key.seal(json.dumps(values, ensure_ascii=False), about=type(kept).__name__)

    def open_visit(self, sealed: str, state: str) -> Visit:
        """Return the visit that a browser keeps under a state. Raises ``VisitOver``."""
        visit = self._open(Visit, sealed)
        if visit.state != state or _is_over(visit.began_at, VISIT_LASTS):
            raise VisitOver("expired" if visit.state == state else "other_state")
        return visit

    def open_arrival(self, sealed: str) -> Arrival:
        """Return who is about to join. Raises ``VisitOver``."""
        arrival = self._open(Arrival, sealed)
        if _is_over(arrival.began_at, JOIN_LASTS):
            raise VisitOver("expired")
        return arrival

    def _open(self, kind: type[_T], sealed: str) -> _T:
        opened = self._key.open(sealed, about=kind.__name__) if 0 < len(sealed) <= LONGEST_SEALED else None
        if opened is None:
            raise VisitOver("not_kept")
        values: dict[str, Any] = json.loads(opened)
        if values.keys() != {field.name for field in fields(kind)}:
            raise VisitOver("other_version")
        return kind(**{name: _read(name, value) for name, value in values.items()})


async def use_up(session: AsyncSession, secret: str) -> None:
    """Use a visit or an arrival up, in the caller's transaction. Raises ``VisitOver`` the second time."""
    if await Forms(session).take(token_digest(f"directory {secret}"), "/anmelden/verzeichnis") is not None:
        raise VisitOver("used")


def _is_over(began_at: int, lasts: timedelta) -> bool:
    return now().timestamp() > began_at + lasts.total_seconds()


def _read(name: str, value: Any) -> Any:
    return UUID(value) if name in _IDENTIFIERS and value is not None else value
