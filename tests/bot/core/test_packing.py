"""Events and messages survive their time in the database, also across versions."""

import json
from datetime import UTC, datetime

from bot.core.messages import Attachment, Choice, EventKind, FileNote, Incoming, Outgoing, Person, Place
from bot.core.packing import pack_incoming, pack_outgoing, unpack_incoming, unpack_outgoing
from bot.core.text import bold, heading, link, paragraph, rich
from knowledge.models.chat import ChatKind, Network

PLACE = Place(Network.TELEGRAM, "-100", ChatKind.GROUP, "7")
INCOMING = Incoming(
    event="-100/5",
    kind=EventKind.EDIT,
    place=PLACE,
    sender=Person(Network.TELEGRAM, "12", anonymous=True),
    sent_at=datetime(2026, 11, 21, 12, tzinfo=UTC),
    text="Grüße\u202e",
    mentioned=True,
    reply_to="-100/4",
    reply_to_bot=True,
    about="-100/3",
    files=(FileNote("a.pdf", "application/pdf", 12, "ref"),),
    language="de",
    people=4,
    reply_author=Person(Network.TELEGRAM, "13"),
)
OUTGOING = Outgoing(
    PLACE,
    rich(heading("Titel"), paragraph("Text ", bold("fett"), link("hier", "https://example.org"))),
    (Choice("vote:up", "Gut", "👍"), Choice("open", "Öffnen", address="https://example.org")),
    reply_to="-100/5",
    edits=("-100/6",),
    deletes=("-100/7",),
    attachment=Attachment("daten.json", "application/json", b"\x00\xff{}"),
    automatic=True,
)


class TestRoundTrip:
    def test_an_event(self) -> None:
        packed = json.loads(json.dumps(pack_incoming(INCOMING)))
        assert unpack_incoming(packed) == INCOMING

    def test_a_message(self) -> None:
        packed = json.loads(json.dumps(pack_outgoing(OUTGOING)))
        assert unpack_outgoing(packed) == OUTGOING

    def test_a_message_to_another_address(self) -> None:
        assert unpack_outgoing(pack_outgoing(OUTGOING), chat="-200").place.chat == "-200"

    def test_a_picture(self) -> None:
        picture = Outgoing(
            PLACE, attachment=Attachment("a.png", "image/png", b"\x89", alt="Ein Baum", width=2, height=1)
        )
        assert unpack_outgoing(json.loads(json.dumps(pack_outgoing(picture)))) == picture


class TestOtherVersions:
    def test_a_file_of_an_older_one_has_no_words_for_what_it_shows(self) -> None:
        packed = pack_outgoing(OUTGOING)
        packed["attachment"] = {name: packed["attachment"][name] for name in ("name", "media_type", "content")}
        assert unpack_outgoing(packed) == OUTGOING

    def test_what_a_newer_one_added_is_passed_over(self) -> None:
        packed = pack_incoming(INCOMING)
        packed["mood"] = packed["place"]["floor"] = packed["sender"]["age"] = packed["files"][0]["pages"] = 3
        assert unpack_incoming(packed) == INCOMING
        assert unpack_outgoing({**pack_outgoing(OUTGOING), "mood": 3}) == OUTGOING

    def test_what_an_older_one_did_not_know_has_its_default(self) -> None:
        packed = pack_incoming(INCOMING)
        del packed["people"], packed["mentioned"], packed["place"]["thread"], packed["sender"]["anonymous"]
        unpacked = unpack_incoming(packed)
        assert (unpacked.people, unpacked.mentioned, unpacked.place.thread) == (None, False, None)
