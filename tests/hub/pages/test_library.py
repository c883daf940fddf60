"""The list of the library: filters, and what is done to several documents at once."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from knowledge.kit.clock import now, today
from knowledge.kit.ids import new_id
from knowledge.models.answer import Answer, AnswerDocument
from knowledge.models.audit import AuditEntry
from knowledge.models.conversation import Vote
from knowledge.models.document import Kind, Status, Visibility
from tests.hub.pages.library_world import hidden, stored, take_in
from tests.hub.signed_in import Hub

LONG = "Die Gemeinde hat eine Drohne gekauft und damit alle Dächer im Ort vermessen, was sehr gut gelungen ist."


async def answered(hub: Hub, document: UUID, *votes: bool) -> None:
    """Keep an answer that cited a document, and what people said of it."""
    async with hub.writing() as unit:
        answer = Answer(id=new_id(), answered=True, confidence=1.0, trace={}, created_at=now())
        unit.session.add(answer)
        await unit.session.flush()
        unit.session.add(AnswerDocument(answer_id=answer.id, document_id=document))
        for number, helpful in enumerate(votes):
            unit.session.add(Vote(answer_id=answer.id, voter=str(number), helpful=helpful))


async def listed(hub: Hub, address: str, *, who: str = "moderator") -> list[str]:
    """Return which of the documents A to Z a page of the list shows, in its order."""
    async with hub.browser(who) as browser:
        page = await browser.get(f"/bibliothek{address}")
    assert page.status_code == 200
    lines = page.text.split("<tr data-item>")[1:]
    return [line.split("Dokument ")[1][0] for line in lines]


class TestFilters:
    async def test_each_finds_what_it_says(self, hub: Hub) -> None:
        day = today()
        one = {"publisher": "Verlag", "year": 2001, "topics": ("Straßen", "KI")}
        await take_in(hub, "a.md", "Ein Satz.", title="Dokument A", **one)
        other = {"kind": Kind.EXPERIENCE, "review_by": day, "topics": ("Ki-ähnlich",)}
        b = await take_in(hub, "b.md", "Noch ein anderer.", title="Dokument B", **other)
        c = await take_in(hub, "c.md", LONG, title="Dokument C", valid_until=day - timedelta(days=1))
        d = await take_in(hub, "d.md", f"{LONG} Und mehr.", title="Dokument D", visibility=Visibility.NETWORK)
        e = await take_in(hub, "e.md", title="Dokument E", organisation="gruenau", visibility=Visibility.HOUSE)
        await answered(hub, b, False, False, True)
        await answered(hub, c, False, False)
        await answered(hub, d, True, True, False)
        house = hub.people["neighbour"].organisation_id
        async with hub.browser("moderator") as browser:
            key = hidden(await browser.get("/bibliothek"), "form_key")
            values = {"documents": str(e), "act": "withdraw", "reason": "wrong", "form_key": key}
            await browser.post("/bibliothek", data=values)
        expected = {
            "": "EDCBA",
            "?folge=title": "ABCDE",
            "?folge=year": "A",
            "?q=verLAG": "A",
            "?q=%25": "",
            "?art=experience": "B",
            "?thema=KI": "A",
            "?thema=K": "",
            f"?kommune={house}": "E",
            "?sichtbarkeit=network": "D",
            "?status=withdrawn": "E",
            "?anlass=due": "B",
            "?anlass=expired": "C",
            "?anlass=never_found": "A",
            "?anlass=not_helpful": "B",
            "?anlass=duplicates&folge=title": "CD",
            "?seite=77&art=nonsense&kommune=1&folge=?": "EDCBA",
        }
        found = {address: "".join(await listed(hub, address)) for address in expected}
        found["?folge=year"] = found["?folge=year"][0]
        assert found == expected

    async def test_it_comes_in_pages(self, hub: Hub) -> None:
        for number in range(51):
            await take_in(hub, f"{number}.md", f"Satz Nummer {number}.", title=f"Dokument {number}")
        async with hub.browser("moderator") as browser:
            pages = [(await browser.get(f"/bibliothek?seite={number}")).text for number in (1, 2)]
        assert [page.count("<tr data-item>") for page in pages] == [50, 1]
        assert all("51 documents" in page for page in pages)


class TestCare:
    async def test_everybody_sees_and_counts_their_own_part_only(self, hub: Hub) -> None:
        await take_in(hub, "a.md", title="Dokument A", visibility=Visibility.HOUSE, organisation="lindenau")
        await take_in(hub, "b.md", title="Dokument B", visibility=Visibility.HOUSE, organisation="gruenau")
        await take_in(hub, "c.md", title="Dokument C", topics=("STRASSEN",))
        await take_in(hub, "d.md", title="Dokument D", topics=("Straßen und Wege",))
        found = {}
        for who in ("moderator", "administrator", "publisher", "scoped_moderator"):
            found[who] = "".join(await listed(hub, "?folge=title", who=who))
            async with hub.browser(who) as browser:
                assert f"{len(found[who])} documents" in (await browser.get("/bibliothek")).text
        assert found == {"moderator": "ABCD", "administrator": "ABCD", "publisher": "ACD", "scoped_moderator": "BC"}

    @pytest.mark.parametrize("who", ["member", "weak_moderator", None])
    async def test_others_do_not_get_in(self, hub: Hub, who: str | None) -> None:
        key = await take_in(hub, "a.md")
        async with hub.browser(who) as browser:
            for path in ("", "/synonyme", "/hochladen", f"/{key}", f"/{key}/vergleich?a=1&b=1"):
                assert (await browser.get(f"/bibliothek{path}")).status_code in (303, 403)


class TestSeveralAtOnce:
    async def test_withdraw_restore_and_review_dates_are_recorded(self, hub: Hub) -> None:
        keys = [await take_in(hub, f"{number}.md", f"Satz {number}.") for number in range(3)]
        two = [str(key) for key in keys[:2]]
        async with hub.browser("publisher") as browser:
            gone = await browser.post("/bibliothek", data={"documents": two, "act": "withdraw", "reason": "outdated"})
            assert [(await stored(hub, key)).status for key in keys] == [Status.WITHDRAWN] * 2 + [Status.PUBLISHED]
            assert "Withdrawn: 2." in (await browser.get(gone.headers["location"])).text
            await browser.post("/bibliothek", data={"documents": two[0], "act": "restore"})
            back = {"documents": two, "act": "review", "day": "2031-02-03", "back": "anlass=due&x=//evil"}
            led = await browser.post("/bibliothek", data=back)
            for wrong in ({"act": "review"}, {"documents": two, "act": "burn"}, {"documents": two, "act": "withdraw"}):
                assert (await browser.post("/bibliothek", data=wrong)).status_code == 422
        assert led.headers["location"] == "/bibliothek?anlass=due"
        assert (await stored(hub, keys[0])).status is Status.PUBLISHED
        assert str((await stored(hub, keys[1])).review_by) == "2031-02-03"
        async with hub.database.session(writes=False) as session:
            acts = (await session.execute(select(AuditEntry.action, AuditEntry.actor_id))).all()
        by = hub.people["publisher"].id
        recorded = ["withdraw", "withdraw", "restore", "review_date", "review_date"]
        assert [tuple(act) for act in acts] == [(f"library:{name}", by) for name in recorded]

    async def test_what_is_not_in_ones_care_stays_and_nothing_else_is_done(self, hub: Hub) -> None:
        own = await take_in(hub, "a.md")
        other = await take_in(hub, "b.md", visibility=Visibility.HOUSE, organisation="gruenau")
        async with hub.browser("publisher") as browser:
            keys = [str(own), str(other)]
            sent = await browser.post("/bibliothek", data={"documents": keys, "act": "withdraw", "reason": "wrong"})
        assert sent.status_code == 404
        assert [(await stored(hub, key)).status for key in (own, other)] == [Status.PUBLISHED] * 2
