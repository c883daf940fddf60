"""Synonyms: added, found, taken out again."""

from sqlalchemy import select

from knowledge.models.audit import AuditEntry
from tests.hub.pages.library_world import hidden
from tests.hub.signed_in import Hub

SYNONYMS = "/bibliothek/synonyme"


class TestSynonyms:
    async def test_added_found_and_taken_out(self, hub: Hub) -> None:
        async with hub.browser("publisher") as browser:
            for terms in ("Kita; Kindertagesstätte; <b>Kindergarten</b>", "Bauhof; Betriebshof"):
                assert (await browser.post(SYNONYMS, data={"terms": terms})).status_code == 303
            known = await browser.post(SYNONYMS, data={"terms": "Bauhof; Betriebshof"})
            said = (await browser.get(known.headers["location"])).text
            found = await browser.get(f"{SYNONYMS}?wort=KITA")
            group = hidden(found, "group")
            await browser.post(f"{SYNONYMS}/entfernen", data={"group": group, "term": "Kita"})
            gone = (await browser.get(f"{SYNONYMS}?wort=kita")).text
            alone = await browser.post(SYNONYMS, data={"terms": "Allein"})
            unknown = await browser.post(f"{SYNONYMS}/entfernen", data={"group": "x", "term": "Kita"})
        assert "That was known already." in said
        assert "Kita = Kindertagesstätte = &lt;b&gt;Kindergarten&lt;/b&gt;" in found.text
        assert "Betriebshof" not in found.text
        assert "No word matches." in gone
        assert (alone.status_code, unknown.status_code) == (422, 404)
        assert 'value="Allein"' in alone.text
        async with hub.database.session(writes=False) as session:
            acts = (await session.scalars(select(AuditEntry.action))).all()
        assert list(acts) == ["synonyms:add", "synonyms:add", "synonyms:remove"]
