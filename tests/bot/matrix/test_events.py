"""Single parts of events, as they come and as they should not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.messages import FileNote
from bot.matrix.events import file_note, plain_emoji, sent_at
from knowledge.kit.clock import use_clock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class TestFiles:
    def test_file_is_noted(self) -> None:
        content = {
            "msgtype": "m.file",
            "body": "plan.pdf",
            "info": {"mimetype": "application/pdf", "size": 12},
            "url": "mxc://localhost/abc",
        }
        assert file_note(content) == FileNote("plan.pdf", "application/pdf", 12, "mxc://localhost/abc")

    def test_encrypted_file_is_noted(self) -> None:
        content = {"msgtype": "m.image", "body": "Bild", "filename": "a.png", "file": {"url": "mxc://localhost/x"}}
        assert file_note(content) == FileNote("a.png", None, None, "mxc://localhost/x")


class TestTime:
    def test_servers_clock_does_not_matter_where_it_tells_the_age(self) -> None:
        use_clock(lambda: NOON)
        wrong = (NOON + timedelta(days=400)).timestamp() * 1000
        assert sent_at({"origin_server_ts": wrong, "unsigned": {"age": 90_000}}) == NOON - timedelta(seconds=90)

    def test_nothing_is_from_the_future(self) -> None:
        use_clock(lambda: NOON)
        assert sent_at({"origin_server_ts": (NOON + timedelta(days=2)).timestamp() * 1000}) == NOON

    @pytest.mark.parametrize("stamp", [None, "gestern", -5, 1e300])
    def test_nonsense_counts_as_now(self, stamp: Any) -> None:
        use_clock(lambda: NOON)
        assert sent_at({"origin_server_ts": stamp, "unsigned": {"age": "alt"}}) == NOON


class TestEmojis:
    @pytest.mark.parametrize("emoji", ["👍", "👍🏽", "👍\ufe0f"])
    def test_shades_do_not_matter(self, emoji: str) -> None:
        assert plain_emoji(emoji) == "👍"
