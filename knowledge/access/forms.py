"""Forms that must not be lost, and forms that must not act twice."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from knowledge.access.repository import FormRepository
from knowledge.access.schemas import KeptFormEntry
from knowledge.access.secrets import make_token, token_digest
from knowledge.kit.clock import now
from knowledge.models.access import KeptForm

KEPT_LASTS = timedelta(hours=1)
# Characters of one form, and forms of one member, that are kept.
LONGEST_KEPT = 400_000
MOST_KEPT = 20
# What is never kept, whatever form it was in.
SECRET_FIELDS = frozenset({"password", "new_password", "repeated", "code", "secret", "form_key", "kept_form"})
LONGEST_KEY = 100


class Forms:
    """Kept and used forms, within the caller's transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._repository = FormRepository(session)

    async def keep(
        self, member_id: UUID, path: str, fields: Sequence[tuple[str, str]], *, had_files: bool = False
    ) -> str | None:
        """Keep what somebody typed.

        Args:
            member_id: who gets it back.
            path: where the form goes.
            fields: its fields; passwords and codes are left out.
            had_files: whether it had files, which are not kept.

        Returns:
            What only the browser keeps; ``None`` where there is nothing to keep, or too much.
        """
        typed = [(name, value) for name, value in fields if name not in SECRET_FIELDS]
        too_long = sum(len(name) + len(value) for name, value in typed) > LONGEST_KEPT
        if not typed or too_long or await self._repository.count_kept(member_id) >= MOST_KEPT:
            return None
        token, moment = make_token(), now()
        form = KeptForm(
            digest=token_digest(token),
            member_id=member_id,
            path=path,
            data={"fields": typed, "had_files": had_files},
            created_at=moment,
            expires_at=moment + KEPT_LASTS,
        )
        await self._repository.keep(form)
        return token

    async def kept(self, token: str, member_id: UUID) -> KeptFormEntry | None:
        """Return what was kept, to the member who typed it and the browser that it was typed in."""
        row = await self._repository.kept(token_digest(token), member_id, now())
        return KeptFormEntry.read(row.path, row.data) if row else None

    async def forget_kept(self, token: str) -> None:
        """Forget what was kept."""
        await self._repository.forget_kept(token_digest(token))

    async def take(self, key: str, path: str) -> str | None:
        """Use a form up; where it was used already, return where the first one led, else ``None``."""
        return await self._repository.take(key, path, now())

    async def led_to(self, key: str, location: str | None) -> None:
        """Note where a form led; one that led nowhere may be sent again."""
        if location is None:
            await self._repository.give_back(key)
        else:
            await self._repository.led_to(key, location)


def used_key(member_id: UUID | None, path: str, key: str) -> str:
    """Return under what a form is noted: the same key means something else to others and elsewhere."""
    return hashlib.sha256("\n".join((str(member_id), path, key[:LONGEST_KEY])).encode()).hexdigest()
