"""Mail goes out through a real server, and what a server does wrong is told apart."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from knowledge.kit.mail import (
    Mail,
    MailAway,
    MailRefused,
    WrongAddress,
    WrongDomain,
    read_address,
    read_domain,
    send_mail,
)
from knowledge.kit.settings import MailSettings
from tests.knowledge.kit.mail_server import Mailbox, mail_server, own_certificate, signs_in, silent_server

MAIL = Mail("anna.weber@lindenau.de", "Ihr Code für Allmende", "Grüße aus Lindenau\n.\nund ein Punkt.\n")


class TestAddresses:
    @pytest.mark.parametrize(
        ("text", "address"),
        [
            (" Anna.Weber@Lindenau.DE ", "Anna.Weber@lindenau.de"),
            ("Anna Weber <anna@lindenau.de>", "anna@lindenau.de"),
            ("mailto:o'neil+bot@stadt.lindenau.de", "o'neil+bot@stadt.lindenau.de"),
            ("anna@gemeinde-grünau.de", "anna@xn--gemeinde-grnau-qsb.de"),
        ],
    )
    def test_are_read_as_people_write_them(self, text: str, address: str) -> None:
        assert read_address(text) == (address, address.rpartition("@")[2])

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "anna",
            "@lindenau.de",
            "anna@",
            "anna@localhost",
            "anna weber@lindenau.de",
            "anna@linde nau.de",
            "anna@lindenau.de, ben@lindenau.de",
            "anna@lindenau.de\r\nBcc: alle@lindenau.de",
            "anna\x00@lindenau.de",
            "anna@lindenau.de\n",
            ".anna@lindenau.de",
            "än.na@lindenau.de",
            '"anna b"@lindenau.de',
            "anna@-lindenau.de",
            "anna@[127.0.0.1]",
            "anna@127.0.0.1",
            "a" * 65 + "@lindenau.de",
            "a@" + "b" * 64 + ".de",
            "a@" + "b." * 130 + "de",
            "x" * 20_000,
            "anna@lindenau\u202e.de",
        ],
    )
    def test_refuses_what_is_none(self, text: str) -> None:
        if text.strip() == "anna@lindenau.de":
            assert read_address(text)[0] == "anna@lindenau.de"  # a line end behind it is no harm
            return
        with pytest.raises(WrongAddress):
            read_address(text)

    def test_domains(self) -> None:
        assert read_domain(" @Stadt.Lindenau.DE. ") == "stadt.lindenau.de"
        assert read_domain("Grünau.de") == "xn--grnau-lva.de"
        for wrong in (
            "",
            "de",
            "lindenau",
            "lin denau.de",
            "http://lindenau.de",
            "a@lindenau.de",
            "10.0.0.1",
            "ß" * 99,
        ):
            with pytest.raises(WrongDomain):
                read_domain(wrong)


class TestSending:
    async def test_a_mail_arrives_as_it_was_written(self) -> None:
        async with mail_server(Mailbox()) as mailbox:
            await send_mail(mailbox.settings(), MAIL)

        (mail,) = mailbox.mails
        assert mailbox.recipients == [["anna.weber@lindenau.de"]]
        assert (mail["From"], mail["To"], mail["Subject"]) == ("bot@allmende.test", MAIL.to, MAIL.subject)
        assert mail["Auto-Submitted"] == "auto-generated"
        assert mail.get_content().replace("\r\n", "\n") == MAIL.text

    @pytest.mark.parametrize("broken", ["Code\r\nBcc: alle@lindenau.de", "Code\nX: y"])
    async def test_nothing_breaks_out_of_a_header(self, broken: str) -> None:
        async with mail_server(Mailbox()) as mailbox:
            with pytest.raises(MailRefused):
                await send_mail(mailbox.settings(), Mail(MAIL.to, broken, "Text"))

        assert mailbox.mails == []

    async def test_signs_in_over_an_encrypted_connection(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        context, certificate = own_certificate(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        account = {"smtp_user": "bot@allmende.test", "smtp_password": SecretStr("geheim"), "smtp_security": "starttls"}
        options = {"tls_context": context, "authenticator": signs_in, "auth_required": True, "require_starttls": True}
        async with mail_server(Mailbox(), **options) as mailbox:
            await send_mail(mailbox.settings(mail_from=None, **account), MAIL)

        assert mailbox.encrypted == [True]
        assert mailbox.mails[0]["From"] == "bot@allmende.test"

    async def test_a_wrong_password_is_ours_to_mend(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        context, certificate = own_certificate(tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        account = {"smtp_user": "bot@allmende.test", "smtp_password": SecretStr("falsch"), "smtp_security": "starttls"}
        async with mail_server(Mailbox(), tls_context=context, authenticator=signs_in, auth_required=True) as mailbox:
            with pytest.raises(MailAway) as raised:
                await send_mail(mailbox.settings(**account), MAIL)

        assert "535" in str(raised.value.detail)


class TestTrouble:
    async def test_an_unknown_recipient_is_refused_for_good(self) -> None:
        async with mail_server(Mailbox(unknown=frozenset({MAIL.to}))) as mailbox:
            with pytest.raises(MailRefused):
                await send_mail(mailbox.settings(), MAIL)

    async def test_a_busy_server_may_take_it_later(self) -> None:
        async with mail_server(Mailbox(busy={MAIL.to})) as mailbox:
            with pytest.raises(MailAway):
                await send_mail(mailbox.settings(), MAIL)
            mailbox.busy.clear()
            await send_mail(mailbox.settings(), MAIL)

        assert len(mailbox.mails) == 1

    async def test_a_silent_server_is_not_waited_for(self) -> None:
        async with silent_server() as mailbox:
            with pytest.raises(MailAway):
                await send_mail(mailbox.settings(), MAIL, patience=0.2)

    async def test_an_absent_server_is_away(self) -> None:
        async with mail_server(Mailbox()) as mailbox:
            pass
        with pytest.raises(MailAway):
            await send_mail(mailbox.settings(), MAIL)

    async def test_without_encryption_that_was_asked_for_nothing_is_sent(self) -> None:
        async with mail_server(Mailbox()) as mailbox:
            with pytest.raises(MailAway):
                await send_mail(mailbox.settings(smtp_security="starttls"), MAIL)

        assert mailbox.mails == []

    async def test_a_host_that_is_none_is_away(self) -> None:
        with pytest.raises(MailAway):
            await send_mail(MailSettings(smtp_host="mail..test" + "x" * 70), MAIL, patience=0.5)

    async def test_without_a_server_nothing_is_tried(self) -> None:
        with pytest.raises(MailAway):
            await send_mail(MailSettings(), MAIL)
