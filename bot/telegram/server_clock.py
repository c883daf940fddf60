"""Telegram's own clock: ours may go wrong, and then messages of this minute would look a day old."""

from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

import httpx

from knowledge.kit.clock import now

# Headers tell whole seconds, and an answer takes a while: what is less far off is right.
_TOLERANCE = timedelta(seconds=30)


class ServerClock:
    """Knows by how much our clock is ahead of Telegram's, from the date of its newest answer."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    async def note(self, response: httpx.Response) -> None:
        """Look at the date of an answer; what is no date, or none of Telegram's, tells nothing."""
        if not response.is_success:
            return
        try:
            told = parsedate_to_datetime(response.headers.get("date", ""))
            self._ahead = now() - told
        except (TypeError, ValueError, OverflowError):
            return

    def ours(self, moment: datetime) -> datetime:
        """Return when something was by our clock, which happened at ``moment`` by Telegram's."""
        if abs(self._ahead) <= _TOLERANCE:
            return moment
        try:
            return moment + self._ahead
        except OverflowError:
            return moment
