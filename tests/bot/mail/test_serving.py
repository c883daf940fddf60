"""When mail goes out by itself: with a mail server and an address of the hub."""

from pathlib import Path

import pytest

from bot.mail.adapter import MailAdapter
from hub.cli.serving import configured, make_adapter, nothing_configured, what_to_set
from knowledge.kit.database import Database
from knowledge.kit.language import choose_language
from knowledge.kit.settings import load_settings
from knowledge.models.chat import Network
from tests.bot.mail.post_office import SENDER, set_up_mail


class TestConfigured:
    def test_only_where_its_links_lead_somewhere(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert configured(load_settings()) == []
        assert configured(set_up_mail(monkeypatch, 25)) == [Network.MAIL]
        monkeypatch.delenv("ALLMENDE_HUB_URL")
        assert configured(load_settings()) == []

    def test_it_is_no_chat(self) -> None:
        choose_language("en")
        assert "ALLMENDE_SMTP_HOST" in what_to_set(Network.MAIL)
        assert "SMTP" not in nothing_configured()

    async def test_the_adapter_speaks_as_the_sender(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        database = Database(f"sqlite+aiosqlite:///{tmp_path / 'a.db'}")
        adapter = make_adapter(Network.MAIL, set_up_mail(monkeypatch, 25), database)
        assert isinstance(adapter, MailAdapter)
        assert adapter.account == SENDER
        assert adapter.direct_link("word") is None
        await adapter.close()
        await database.close()
