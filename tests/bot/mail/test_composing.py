"""A message as a mail: both texts, the links out of it, and headers that give nothing away."""

from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from uuid import UUID, uuid4

import pytest

from bot.core.messages import Choice, Outgoing, Place
from bot.core.text import Block, RichText, bold, code, heading, item, link, note, paragraph, quote, rich
from bot.mail.composing import Composer, message_id
from knowledge.access.keys import AccessKey
from knowledge.kit.clock import now
from knowledge.kit.language import _, choose_language
from knowledge.kit.mail import Mail, build_message
from knowledge.kit.settings import load_settings
from knowledge.mailing.kinds import CONFIRM, SIGN_IN, MailWish
from knowledge.mailing.schemas import MailEntry, Wishes
from knowledge.mailing.tokens import Leaving, MailTokens
from knowledge.models.chat import ChatKind, Network
from tests.bot.mail.post_office import html_of, plain_of, set_up_mail
from tests.bot.pictures import PICTURE, PIXELS

TOKENS = MailTokens(AccessKey(b"k" * 32))
ENTRY = MailEntry(
    identity_id=uuid4(),
    member_id=uuid4(),
    address="anna@lindenau.de",
    language="en",
    wishes=Wishes(),
    confirmed_at=now(),
    unsubscribed_at=None,
    bounces=0,
    last_bounce_at=None,
    bounced_at=None,
    created_at=now(),
)
KEY, QUESTION = uuid4(), UUID(int=7)


@pytest.fixture(autouse=True)
def settings(monkeypatch: pytest.MonkeyPatch) -> None:
    choose_language("en")
    set_up_mail(monkeypatch, 25)


def mail_of(*blocks: Block | str, about: str = "question.answered", choices: tuple[Choice, ...] = ()) -> Mail:
    """Return what becomes of a text."""
    place = Place(Network.MAIL, ENTRY.address, ChatKind.DIRECT)
    message = Outgoing(place, rich(*blocks), choices, about=about, automatic=True)
    return Composer(load_settings(), TOKENS).compose(message, KEY.hex, ENTRY)


class TestTexts:
    def test_every_character_is_shown_as_it_is(self) -> None:
        hostile = '<img src="https://boese.example/x.gif"><script>alert(1)</script>&\x00\x1b[31m'
        mail = mail_of(
            heading(hostile), paragraph(bold(hostile), code(hostile)), quote(hostile), item(hostile), note(hostile)
        )
        assert mail.html is not None
        assert "<img" not in mail.html
        assert "<script" not in mail.html
        assert mail.html.count("&lt;img src=&quot;https://boese.example/x.gif&quot;&gt;") == 6
        assert "\x00" not in mail.html + mail.text
        assert "\x1b" not in mail.html + mail.text

    def test_nothing_is_fetched_and_only_safe_links_lead_somewhere(self) -> None:
        mail = mail_of(
            paragraph(
                link("a", "javascript:alert(1)"), link("b", "https://[kaputt"), link("c", 'https://c.de/?a="b"&c')
            )
        )
        assert mail.html is not None
        assert "javascript" not in mail.html + mail.text
        assert '<a href="https://c.de/?a=&quot;b&quot;&amp;c">c</a>' in mail.html
        assert "src=" not in mail.html
        assert "url(" not in mail.html

    def test_a_picture_comes_along_with_words_for_what_it_shows(self) -> None:
        place = Place(Network.MAIL, ENTRY.address, ChatKind.DIRECT)
        picture = replace(PICTURE, alt='A "tree" <b>')
        message = Outgoing(place, rich("So geht es."), about="question.answered", attachment=picture)
        mail = Composer(load_settings(), TOKENS).compose(message, KEY.hex, ENTRY)
        written = message_from_bytes(bytes(build_message(mail, "allmende@kompetenz.test")), policy=default)
        [shown] = [part for part in written.walk() if part.get_content_type() == "image/png"]
        assert (shown.get_content(), shown.get_filename()) == (PIXELS, "steps.png")
        assert f'<img src="cid:{shown["Content-ID"].strip("<>")}" alt="A &quot;tree&quot; &lt;b&gt;">' in html_of(
            written
        )
        assert 'Picture: A "tree" <b>' in plain_of(written)

    def test_other_files_are_not_mailed(self) -> None:
        place, file = Place(Network.MAIL, ENTRY.address, ChatKind.DIRECT), replace(PICTURE, media_type="text/html")
        message = Outgoing(place, rich("So geht es."), about="question.answered", attachment=file)
        assert Composer(load_settings(), TOKENS).compose(message, KEY.hex, ENTRY).picture is None

    def test_the_plain_text_says_the_same(self) -> None:
        mail = mail_of(
            heading("Titel"),
            quote("Eins\nZwei"),
            item("erstens"),
            item("zweitens"),
            paragraph("Siehe ", link("hier", "https://hub.test/dokument/1"), "."),
            paragraph(link("Dort", "https://hub.test/fragen/1")),
        )
        assert "Titel\n\n> Eins\n> Zwei\n\n· erstens\n· zweitens\n\n" in mail.text
        assert "Siehe hier <https://hub.test/dokument/1>.\n\nDort:\n<https://hub.test/fragen/1>\n" in mail.text

    def test_language_and_outline_for_those_who_listen(self) -> None:
        html = mail_of(heading("Ihre Frage"), "Text").html or ""
        assert '<html lang="en">' in html
        assert html.count("<h1>") == 1
        assert "<h2>Ihre Frage</h2>" in html
        assert "<table" not in html


class TestGoingOn:
    def test_choices_with_an_address_are_links(self) -> None:
        mail = mail_of(
            "Text", choices=(Choice("a:1", "Antwort lesen", address="https://hub.test/fragen/1"), Choice("b:2", "Ja"))
        )
        assert "Antwort lesen:\nhttps://hub.test/fragen/1\n" in mail.text
        assert '<a href="https://hub.test/fragen/1">Antwort lesen</a>' in (mail.html or "")
        assert "Ja" not in mail.text

    @pytest.mark.parametrize(
        ("key", "path"),
        [
            (f"ask:{QUESTION.hex}", f"/beitraege/{QUESTION}"),
            (f"mine:e{QUESTION.hex}", f"/beitraege/{QUESTION}"),
            (f"reply:{QUESTION.hex}", f"/fragen/{QUESTION}"),
            ("other:1", "/"),
        ],
    )
    def test_for_the_others_there_is_a_place_in_the_hub(self, key: str, path: str) -> None:
        assert f"https://hub.test{path}\n" in mail_of("Text", choices=(Choice(key, "Antworten"),)).text

    def test_which_is_not_said_twice(self) -> None:
        mail = mail_of(
            paragraph(link("Weiter", "https://hub.test/fragen/1")), choices=(Choice("other:1", "Antworten"),)
        )
        assert mail.text.count("https://hub.test/") == 3  # that one, the settings, unsubscribing


class TestHeaders:
    def test_subject_and_headers_hold_no_word_of_the_text(self) -> None:
        mail = mail_of("Frau Schulz ist krank", about="question.answered")
        assert mail.subject == "Allmende: News for you"
        assert "Schulz" not in f"{mail.subject}{mail.headers}{mail.message_id}"

    def test_the_same_message_is_the_same_mail(self) -> None:
        assert (
            mail_of("Text").message_id
            == message_id(KEY.hex, "allmende@kompetenz.test")
            == f"<{KEY.hex}@kompetenz.test>"
        )

    def test_what_programmes_need_to_know(self) -> None:
        message = build_message(mail_of("Text", about="digest"), "allmende@kompetenz.test")
        assert message["From"] == "Allmende <allmende@kompetenz.test>"
        assert message["Auto-Submitted"] == "auto-generated"
        assert message["Precedence"] == "bulk"
        assert message["Content-Language"] == "en"
        assert message["X-Allmende-Automatic"] == "yes"
        assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        address = str(message["List-Unsubscribe"])
        assert address.startswith("<https://hub.test/abmelden/")
        assert TOKENS.read_leaving(address.strip("<>").rpartition("/")[2]) == Leaving(
            ENTRY.identity_id, MailWish.DIGESTS
        )
        assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
        assert "Text" in plain_of(message)
        assert "<p>Text</p>" in html_of(message)

    def test_long_addresses_stay_in_one_piece(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ALLMENDE_HUB_URL", "https://allmende.kompetenzzentrum-im-lande.example/wissen/hub")
        written = (
            build_message(mail_of("Text"), "allmende@kompetenzzentrum-im-lande.example").as_bytes().decode("ascii")
        )
        assert f"\r\nMessage-ID: <{KEY.hex}@kompetenz.test>\r\n" in written
        [line] = [line for line in written.split("\r\n") if line.startswith("List-Unsubscribe: ")]
        assert line.startswith(
            "List-Unsubscribe: <https://allmende.kompetenzzentrum-im-lande.example/wissen/hub/abmelden/"
        )
        assert line.endswith(">")

    @pytest.mark.parametrize("about", [CONFIRM, SIGN_IN])
    def test_from_what_somebody_asked_for_nobody_unsubscribes(self, about: str) -> None:
        mail = mail_of("Text", about=about)
        assert not {"List-Unsubscribe", "Precedence"} & mail.headers.keys()
        assert "/abmelden/" not in mail.text

    def test_one_click_is_for_encrypted_links_only(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ALLMENDE_HUB_URL", "http://hub.test")
        assert "List-Unsubscribe-Post" not in mail_of("Text").headers

    def test_where_it_comes_back_to_says_whose_it_was(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert mail_of("Text").return_path is None
        monkeypatch.setenv("ALLMENDE_MAIL_BOUNCES", "bounces@kompetenz.test")
        back = mail_of("Text").return_path or ""
        assert back.startswith("bounces+")
        assert TOKENS.read_return_path(back) == ENTRY.identity_id

    def test_in_the_language_of_its_reader(self) -> None:
        choose_language("de")
        mail = mail_of("Text")
        assert mail.subject == "Allmende: " + _("News for you")
        assert mail.headers["Content-Language"] == "de"

    def test_a_text_that_is_empty_is_no_trouble(self) -> None:
        composer, place = Composer(load_settings(), TOKENS), Place(Network.MAIL, ENTRY.address, ChatKind.DIRECT)
        mail = composer.compose(Outgoing(place, RichText(())), KEY.hex, replace(ENTRY, member_id=None))
        assert build_message(mail, "allmende@kompetenz.test").get_content_type() == "multipart/alternative"
