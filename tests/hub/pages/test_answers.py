"""The trace of an answer in the hub: for its asker, for moderators where a group was answered, for nobody else."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from fastapi import Request

from hub.auth.visiting import COOKIE
from hub.traces import asked_here, trace_address
from knowledge.conversations.schemas import Anchor
from knowledge.conversations.service import ConversationService
from knowledge.kit.clock import now
from knowledge.library.answers.schemas import PreparedAnswer, Reply
from knowledge.models.chat import Chat, ChatIdentity, ChatKind, Network
from knowledge.models.conversation import Exchange
from knowledge.models.document import Document, Kind, Rights, Status, Visibility
from tests.hub.signed_in import Hub

WORDS = "Was kostet die Brücke?"
QUOTE = "Die Brücke kostete 3 Millionen Euro."


async def document(hub: Hub, title: str, access: str, *, version: int = 1) -> UUID:
    async with hub.writing() as unit:
        key = uuid4()
        values = {"kind": Kind.OTHER, "rights": Rights.FULL, "added_by": "test", "status": Status.PUBLISHED}
        unit.session.add(
            Document(
                id=key,
                source=f"{title}.md",
                title=title,
                visibility=Visibility.PUBLIC,
                access=access,
                version=version,
                created_at=now(),
                updated_at=now(),
                **values,
            )
        )
    return key


def prepared(*documents: UUID) -> PreparedAnswer:
    """Return an answer that cites documents in their first version."""
    reply = Reply(bool(documents), 0.87, "", [], [], answer_id="", took_ms=1.0, hints=[])
    shown = [
        {
            "document": str(key),
            "source": "x",
            "title": "Alt",
            "locator": "S. 3",
            "quote": QUOTE,
            "score": 1,
            "notes": [],
        }
        for key in documents
    ]
    passages = [
        {
            "passage": 7,
            "document": str(key),
            "source": "geheim.md",
            "version": 1,
            "score": 0.9,
            "words": 1,
            "cosine": None,
        }
        for key in documents
    ]
    trace = {
        "line": 0.4,
        "index_version": "words-7",
        "model": None,
        "vectors_state": "off",
        "indexed_passages": 12,
        "expansions": {"Brücke": ["Überführung"]},
        "passages": passages,
        "shown": shown,
    }
    return PreparedAnswer(WORDS, reply, trace, uuid4(), uuid4())


async def asked(hub: Hub, who: str, answer: PreparedAnswer, kind: ChatKind = ChatKind.DIRECT) -> None:
    """Have somebody ask in a chat."""
    async with hub.writing() as unit:
        identity = ChatIdentity(network=Network.MATRIX, address=f"@{who}:ort", member_id=hub.people[who].id)
        chat = Chat(network=Network.MATRIX, address=f"!{who}", kind=kind)
        unit.session.add_all([identity, chat])
        await unit.session.flush()
        await ConversationService(unit.session).keep(answer, Anchor(chat.id, None, "$1"), asker_id=identity.id, days=14)


def at(answer: PreparedAnswer) -> str:
    return f"/antwort/{answer.answer_id}"


class TestAsker:
    async def test_everything_is_there_with_the_question(self, hub: Hub) -> None:
        answer = prepared(await document(hub, "Brückenbericht", "public"))
        await asked(hub, "member", answer)
        async with hub.browser("member") as browser:
            page = await browser.get(at(answer))
        expected = (WORDS, QUOTE, "Brückenbericht", "87 of 100", "from 40 on", "words-7", "0.900", "Überführung")
        assert [words for words in expected if words not in page.text] == []
        assert "geheim.md" not in page.text

    @pytest.mark.parametrize("who", ["neighbour", "moderator", "administrator", "publisher"])
    async def test_a_direct_chat_is_nobody_elses(self, who: str, hub: Hub) -> None:
        answer = prepared()
        await asked(hub, "member", answer)
        async with hub.browser(who) as browser:
            page, unknown = await browser.get(at(answer)), await browser.get(f"/antwort/{uuid4()}")
        assert (page.status_code, WORDS in page.text) == (404, False)
        assert unknown.status_code == 404

    async def test_not_even_the_askers_once_the_link_is_gone(self, hub: Hub) -> None:
        answer = prepared()
        await asked(hub, "member", answer)
        async with hub.writing() as unit:
            for exchange in await unit.session.run_sync(lambda session: session.query(Exchange).all()):
                exchange.expires_at = now() - timedelta(seconds=1)
        async with hub.browser("member") as browser:
            assert (await browser.get(at(answer))).status_code == 404

    async def test_strangers_are_asked_to_sign_in_alike(self, hub: Hub) -> None:
        answer = prepared()
        await asked(hub, "member", answer)
        async with hub.browser() as browser:
            known, unknown = await browser.get(at(answer)), await browser.get(f"/antwort/{uuid4()}")
        assert known.status_code == unknown.status_code != 200


class TestModerator:
    async def test_what_a_group_was_answered_without_the_question_and_years_later(self, hub: Hub) -> None:
        answer = prepared(await document(hub, "Brückenbericht", "public"))
        await asked(hub, "member", answer, ChatKind.GROUP)
        async with hub.writing() as unit:
            for exchange in await unit.session.run_sync(lambda session: session.query(Exchange).all()):
                await unit.session.delete(exchange)
        async with hub.browser("moderator") as browser:
            page = await browser.get(at(answer))
        async with hub.browser("member") as browser:
            assert (await browser.get(at(answer))).status_code == 404
        assert (page.status_code, QUOTE in page.text) == (200, True)
        assert [
            words for words in (WORDS, "Überführung", str(hub.people["member"].id), "@member") if words in page.text
        ] == []

    async def test_documents_that_the_reader_does_not_find_are_not_named(self, hub: Hub) -> None:
        answer = prepared(await document(hub, "Nachbars Geheimnis", f"house:{uuid4().hex}"))
        await asked(hub, "member", answer, ChatKind.GROUP)
        async with hub.browser("administrator") as browser:
            page = await browser.get(at(answer))
        assert page.text.count("no longer visible") == 2
        assert [words for words in ("Nachbars", QUOTE, "Alt<", "S. 3", "geheim.md") if words in page.text] == []

    async def test_what_a_document_says_no_more_is_not_quoted(self, hub: Hub) -> None:
        """A newer version may be there because something had to be taken out."""
        answer = prepared(await document(hub, "Brückenbericht", "public", version=2))
        await asked(hub, "member", answer, ChatKind.GROUP)
        async with hub.browser("moderator") as browser:
            page = await browser.get(at(answer))
        assert ("has changed since" in page.text, QUOTE in page.text) == (True, False)

    async def test_a_moderator_without_second_factor_is_a_member(self, hub: Hub) -> None:
        answer = prepared()
        await asked(hub, "member", answer, ChatKind.GROUP)
        async with hub.browser("weak_moderator") as browser:
            assert (await browser.get(at(answer))).status_code == 404


def request(secret: str) -> Request:
    headers = [(b"cookie", f"{COOKIE}={secret}".encode())] if secret else []
    return Request({"type": "http", "scheme": "http", "path": "/", "server": ("hub.test", 80), "headers": headers})


class TestAskedInTheHub:
    def test_the_address_works_in_the_session_that_asked(self) -> None:
        address = trace_address(request("one"), "17")
        mark = address.partition("eigene=")[2]
        assert asked_here(request("one"), "17", mark)
        assert not asked_here(request("two"), "17", mark)
        assert not asked_here(request("one"), "18", mark)
        assert not asked_here(request(""), "17", "")
        assert trace_address(request(""), "17") == ""

    async def test_whoever_asked_reads_the_trace(self, hub: Hub) -> None:
        answer = prepared()
        await asked(hub, "neighbour", answer)
        async with hub.browser("member") as browser:
            own = trace_address(request(browser.cookies[COOKIE]), str(answer.answer_id))
            assert (await browser.get(own)).status_code == 200
            assert (await browser.get(own[:-1] + "x")).status_code == 404
        async with hub.browser("publisher") as browser:
            assert (await browser.get(own)).status_code == 404
