"""What people write to the bot alone: everything counts, and nothing breaks the formatting of anything."""

from typing import Any

import pytest

from bot.core.messages import EventKind
from bot.core.text import bold, code, heading, item, link, note, paragraph, quote, rich
from bot.telegram.writing import readable, write
from tests.bot.telegram.conftest import Running
from tests.telegram_server.server import TelegramServer


class TestWriting:
    async def test_everything_counts_without_a_command(self, telegram: TelegramServer, bot: Running) -> None:
        anna = telegram.person("Anna")
        message = anna.writes(None, "Was kostet das?")
        await telegram.until(lambda: bot.custody.kept)
        incoming = bot.custody.kept[0]
        assert (incoming.event, incoming.place.chat, incoming.text) == (message.event, str(anna.id), "Was kostet das?")
        assert int(incoming.sent_at.timestamp()) == message.date

    async def test_link_of_the_bot_says_its_word(self, telegram: TelegramServer, bot: Running) -> None:
        assert bot.adapter.direct_link("a1_-") == "https://t.me/allmende_bot?start=a1_-"
        telegram.person("Anna").starts("a1_-")
        await telegram.until(lambda: bot.custody.kept)
        assert bot.custody.texts() == ["/start a1_-"]

    async def test_words_that_no_link_carries(self, bot: Running) -> None:
        assert [bot.adapter.direct_link(word) for word in ("", "ä", "a b", "x" * 65, "a\n")] == [None] * 5

    async def test_correction_names_what_it_corrects(self, telegram: TelegramServer, bot: Running) -> None:
        anna = telegram.person("Anna")
        message = anna.writes(None, "Was kosted das?")
        anna.edits(message, "Was kostet das?")
        anna.edits(message, "Was kostet das genau?")
        await telegram.until(lambda: len(bot.custody.kept) == 3)
        corrections = bot.custody.kept[1:]
        assert [correction.kind for correction in corrections] == [EventKind.EDIT] * 2
        assert {correction.about for correction in corrections} == {message.event}
        assert [correction.text for correction in corrections] == ["Was kostet das?", "Was kostet das genau?"]

    async def test_files_are_noted(self, telegram: TelegramServer, bot: Running) -> None:
        telegram.person("Anna").sends_file(None, "plan.pdf", caption="Was steht darin?")
        await telegram.until(lambda: bot.custody.kept)
        [note_of_file] = bot.custody.kept[0].files
        assert (note_of_file.name, note_of_file.media_type, note_of_file.size) == ("plan.pdf", "application/pdf", 12)
        assert note_of_file.reference == "file-plan.pdf"
        assert bot.custody.texts() == ["Was steht darin?"]

    @pytest.mark.parametrize(
        ("extra", "name"),
        [
            ({"photo": [{"file_id": i, "file_unique_id": i, "width": 9, "height": 9} for i in "ab"]}, "photo"),
            (
                {
                    "sticker": {
                        "file_id": "s",
                        "file_unique_id": "s",
                        "type": "regular",
                        "width": 9,
                        "height": 9,
                        "is_animated": False,
                        "is_video": False,
                    }
                },
                "sticker",
            ),
            ({"voice": {"file_id": "v", "file_unique_id": "v", "duration": 3, "mime_type": "audio/ogg"}}, "voice"),
            ({"location": {"latitude": 52.4, "longitude": 12.5}}, "location"),
            ({"contact": {"phone_number": "1", "first_name": "Ben"}}, "contact"),
        ],
        ids=["photo", "sticker", "voice", "location", "contact"],
    )
    async def test_other_things_are_noted_too(
        self, telegram: TelegramServer, bot: Running, extra: dict[str, Any], name: str
    ) -> None:
        telegram.person("Anna").writes(None, "", extra=extra)
        await telegram.until(lambda: bot.custody.kept)
        assert [file.name for file in bot.custody.kept[0].files] == [name]

    async def test_album_is_one_thing(self, telegram: TelegramServer, bot: Running) -> None:
        anna = telegram.person("Anna")
        for number in "abc":
            sizes = [{"file_id": number, "file_unique_id": number, "width": 9, "height": 9}]
            anna.writes(None, "", extra={"photo": sizes, "media_group_id": "77"})
        anna.writes(None, "Und jetzt?")
        await telegram.until(lambda: "Und jetzt?" in bot.custody.texts())
        assert [len(incoming.files) for incoming in bot.custody.kept] == [1, 0]

    async def test_messages_about_the_chat_itself_are_nothing(self, telegram: TelegramServer, bot: Running) -> None:
        anna = telegram.person("Anna")
        anna.writes(None, "", extra={"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}})
        anna.writes(None, "Und jetzt?")
        await telegram.until(lambda: bot.custody.kept)
        assert bot.custody.texts() == ["Und jetzt?"]


HOSTILE = [
    "😀😀😀",
    "x" * 20_000,
    "<b>fett</b> *auch* _so_ `und` [hier](https://a.example) ||weg|| </blockquote>",
    "\u202eabc\u202c \u200b\u200d \ufeff",
    "e\u0301" * 50,
    "👩\u200d👩\u200d👧 " * 200,
    "a\r\nb\x00c\x07d\u2028e",
    "@everyone #tag /loeschen https://a.example",
    "\n\n\n  viel Luft  \n\n",
]


class TestHostileTexts:
    @pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:8]))
    async def test_text_goes_in_and_out(self, telegram: TelegramServer, bot: Running, text: str) -> None:
        anna = telegram.person("Anna")
        anna.writes(None, text)
        await telegram.until(lambda: bot.custody.kept)
        said = rich(heading(text), paragraph("Davor ", bold(text), " danach"), quote(text), item(text), note(text))
        await bot.say(anna.direct, said)
        assert telegram.refused == []
        shown = "".join(anna.direct.said()).split()
        assert "".join(text.replace("\x00", "").replace("\x07", "").split())[:5] in "".join(shown) or "\u202e" in text


class TestStyles:
    async def test_each_block_looks_like_what_it_is(self, telegram: TelegramServer, bot: Running) -> None:
        anna = telegram.person("Anna")
        anna.starts()
        text = rich(
            heading("Kosten 😀"),
            paragraph(
                "Es sind ", bold("4.200 €"), ", siehe ", link("Plan", "https://a.example/p"), " mit ", code("/x")
            ),
            quote("Wörtlich 😀 so."),
            item("eins"),
            item(link("zwei", "https://b.example")),
            note("Automatisch ", bold("zusammengestellt")),
        )
        await bot.say(anna.direct, text)
        [message] = anna.direct.shown()
        assert message.text == text.plain
        assert message.styled("bold") == ["Kosten 😀", "4.200 €", "zusammengestellt"]
        assert message.styled("italic") == ["Automatisch ", "zusammengestellt"]
        assert message.styled("text_link") == ["Plan", "zwei"]
        assert message.styled("code") == ["/x"]
        assert message.styled("blockquote") == ["Wörtlich 😀 so."]

    async def test_long_quotations_are_folded_up(self, telegram: TelegramServer, bot: Running) -> None:
        anna = telegram.person("Anna")
        anna.starts()
        await bot.say(anna.direct, rich(quote("Ein langer Satz. " * 40)))
        assert len(anna.direct.shown()[0].styled("expandable_blockquote")) == 1

    def test_addresses_that_telegram_cannot_link_can_be_read(self) -> None:
        text = rich(
            paragraph(link("das Amt", "mailto:amt@a.example"), " und ", link("amt@a.example", "mailto:amt@a.example"))
        )
        assert readable(text).plain == "das Amt (amt@a.example) und amt@a.example"

    def test_entities_count_in_utf16(self) -> None:
        written = write(readable(rich(paragraph(" 😀 ", bold("fett"), " "))))
        assert written.text == "😀 fett"
        assert [(entity.type, entity.offset, entity.length) for entity in written.entities] == [("bold", 3, 4)]
