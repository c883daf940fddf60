"""Connections to the mail server are used again, and what they meet is told apart."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from knowledge.kit.mail import Mail, MailAway, MailRefused, is_about_mailbox, refusal
from knowledge.kit.mail_connections import MOST_CONNECTIONS, MailConnections
from tests.knowledge.kit.mail_server import Mailbox, mail_server, own_certificate

MAIL = Mail("anna@lindenau.de", "Betreff", "Text", html="<p>Text</p>")


@dataclass
class Counting(Mailbox):
    """Counts connections, and refuses as it is told."""

    refusal: str = ""
    tired: bool = False

    async def handle_NOOP(self, _server: SMTP, _session: Session, _envelope: Envelope, _argument: str) -> str:  # noqa: N802
        """Listen, or not any more."""
        return "421 bye" if self.tired else "250 OK"

    async def handle_EHLO(  # noqa: N802 - the server calls it so
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Count a connection."""
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_MAIL(  # noqa: N802 - the server calls it so
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take a sender, or not."""
        envelope.mail_from = address
        return self.refusal or "250 OK"


class TestUsingAgain:
    async def test_one_after_the_other_goes_over_one_connection(self) -> None:
        async with mail_server(Counting()) as mailbox:
            connections = MailConnections(mailbox.settings())
            await connections.check()
            for _time in range(5):
                await connections.send(MAIL)
            mailbox.unknown = frozenset({"ben@lindenau.de"})
            with pytest.raises(MailRefused):
                await connections.send(replace(MAIL, to="ben@lindenau.de"))
            await connections.send(MAIL)
            await connections.close()
        assert (len(mailbox.mails), mailbox.connections) == (6, 1)

    async def test_many_at_once_go_over_a_few(self) -> None:
        async with mail_server(Counting()) as mailbox:
            connections = MailConnections(mailbox.settings())
            await asyncio.gather(*(connections.send(MAIL) for _time in range(30)))
            await connections.close()
        assert len(mailbox.mails) == 30
        assert mailbox.connections <= MOST_CONNECTIONS

    async def test_one_on_which_nobody_listens_any_more_is_replaced(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("knowledge.kit.mail_connections.FRESH", 0.0)
        mailbox = Counting()
        async with mail_server(mailbox):
            connections = MailConnections(mailbox.settings())
            await connections.send(MAIL)
            await connections.send(MAIL)
            assert mailbox.connections == 1
            mailbox.tired = True
            await connections.send(MAIL)
            await connections.close()
        assert (len(mailbox.mails), mailbox.connections) == (3, 2)

    async def test_with_encryption(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        context, certificate = own_certificate(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        async with mail_server(Mailbox(), tls_context=context, require_starttls=True) as mailbox:
            connections = MailConnections(mailbox.settings(smtp_security="starttls"))
            await connections.send(MAIL)
            await connections.send(MAIL)
            await connections.close()
        assert mailbox.encrypted == [True, True]


class TestTrouble:
    async def test_an_absent_server_is_not_tried_by_everybody_at_once(self) -> None:
        async with mail_server(Mailbox()) as mailbox:
            pass
        connections = MailConnections(mailbox.settings(), rest=60)
        details = []
        for _time in range(3):
            with pytest.raises(MailAway) as raised:
                await connections.send(MAIL)
            details.append(raised.value.detail)
        assert details[0] != "resting"
        assert details[1:] == ["resting", "resting"]

    async def test_a_sender_that_is_refused_is_ours_to_mend(self) -> None:
        mailbox = Counting(refusal="550 5.7.1 not yours")
        async with mail_server(mailbox):
            connections = MailConnections(mailbox.settings())
            with pytest.raises(MailAway):
                await connections.send(MAIL)
            mailbox.refusal = ""
            await connections.send(MAIL)
            await connections.close()
        assert len(mailbox.mails) == 1


class TestReplies:
    @pytest.mark.parametrize(
        ("status", "text", "of_recipient", "about_mailbox"),
        [
            (550, "5.1.1 no such user", True, True),
            (550, "no such user", True, True),
            (550, "5.7.1 relaying denied", True, False),
            (554, "5.7.1 looks like spam", False, False),
            (554, "rejected", False, False),
            (552, "5.2.2 mailbox full", True, True),
        ],
    )
    def test_say_something_about_the_address_or_not(
        self, status: int, text: str, of_recipient: bool, about_mailbox: bool
    ) -> None:
        error = refusal(status, text, ValueError(), of_recipient=of_recipient)
        assert isinstance(error, MailRefused)
        assert error.about_mailbox is about_mailbox

    def test_what_is_said_before_there_is_a_mail_is_for_later(self) -> None:
        for error in (
            refusal(554, "5.7.1 go away", ValueError(), of_us=True),
            refusal(535, "wrong", ValueError()),
            refusal(451, "later", ValueError(), of_recipient=True),
        ):
            assert isinstance(error, MailAway)
        assert not is_about_mailbox("5.1")
