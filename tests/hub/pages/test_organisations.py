"""Organisations in the hub: the register, one organisation's page, and what administrators set there."""

import re
from uuid import uuid4

import pytest
from httpx import Response
from sqlalchemy import insert, select

from knowledge.kit.clock import now
from knowledge.models.audit import AuditEntry
from knowledge.models.document import Document, Kind, Rights, Status, Visibility
from knowledge.models.organisation import Organisation, OrganisationKind
from knowledge.organisations.names import search_spellings
from tests.hub.signed_in import HOUSE, NEIGHBOUR, Hub

TOWNS = 120


def town(number: int) -> dict[str, object]:
    name = f"Musterstadt {number:03}"
    return {
        "id": uuid4(),
        "key": f"12064{number:07}",
        "ags": f"12064{number:03}",
        "kind": OrganisationKind.MUNICIPALITY,
        "name": name,
        "search_name": search_spellings(name),
        "state_key": "12" if number % 2 else "14",
        "unincorporated": False,
        "example": False,
    }


async def fill(hub: Hub) -> None:
    async with hub.writing() as unit:
        await unit.session.execute(insert(Organisation), [town(number) for number in range(TOWNS)])


def names(page: Response) -> list[str]:
    return re.findall(r'<th scope="row"><a [^>]*>([^<]*)</a>', page.text)


async def document(hub: Hub, house: str, visibility: Visibility, status: Status = Status.PUBLISHED) -> None:
    async with hub.writing() as unit:
        organisation = await unit.session.scalar(select(Organisation).where(Organisation.key == house))
        assert organisation is not None
        access = f"house:{organisation.id.hex}" if visibility is Visibility.HOUSE else visibility.value
        values = {"kind": Kind.OTHER, "rights": Rights.FULL, "added_by": "test", "title": "Geheimer Titel"}
        unit.session.add(
            Document(
                source=uuid4().hex,
                organisation_id=organisation.id,
                visibility=visibility,
                access=access,
                status=status,
                created_at=now(),
                updated_at=now(),
                **values,
            )
        )


async def acts(hub: Hub) -> list[str]:
    async with hub.writing() as unit:
        return list(await unit.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


class TestRegister:
    async def test_it_is_shown_page_by_page(self, hub: Hub) -> None:
        await fill(hub)
        async with hub.browser("publisher") as browser:
            first = await browser.get("/organisationen", params={"q": "Musterstadt"})
            last = await browser.get("/organisationen", params={"q": "Musterstadt", "seite": "3"})
            past = await browser.get("/organisationen", params={"q": "Musterstadt", "seite": "9999"})
        assert (len(names(first)), names(first)[0]) == (50, "Musterstadt 000")
        assert names(last) == [f"Musterstadt {number:03}" for number in range(100, TOWNS)]
        assert names(past) == names(last)
        assert "q=Musterstadt&amp;seite=2" in first.text

    @pytest.mark.parametrize(
        ("wanted", "found"),
        [
            ({"q": "Lindenau"}, ["Lindenau"]),
            ({"q": "LINDENA"}, ["Lindenau"]),
            ({"q": "12 0 64 0000010"}, ["Musterstadt 010"]),
            ({"q": "Musterstadt 01", "land": "12"}, [f"Musterstadt 01{number}" for number in (1, 3, 5, 7, 9)]),
            ({"art": "other"}, ["Gruenau", "Lindenau"]),
            ({"q": "%"}, []),
            ({"q": "\x01' OR 1=1 --"}, []),
        ],
    )
    async def test_it_is_searched(self, wanted: dict[str, str], found: list[str], hub: Hub) -> None:
        await fill(hub)
        async with hub.browser("moderator") as browser:
            page = await browser.get("/organisationen", params=wanted)
        assert page.status_code == 200
        assert names(page) == found

    async def test_what_is_typed_wrong_is_offered(self, hub: Hub) -> None:
        async with hub.browser("moderator") as browser:
            nothing = await browser.get("/organisationen", params={"q": "Lindenua"})
            page = await browser.get("/organisationen", params={"q": "Lindenua", "aehnlich": "1"})
        assert "/organisationen?q=Lindenua&amp;aehnlich=1" in nothing.text
        assert "Did you mean one of these?" in page.text
        assert "Lindenau" in names(page)

    @pytest.mark.parametrize("who", ["member", "weak_moderator", None])
    async def test_it_is_for_those_who_need_it(self, who: str | None, hub: Hub) -> None:
        async with hub.browser(who) as browser:
            for address in ("/organisationen", f"/organisationen/{HOUSE}", "/organisationen/neu"):
                answer = await browser.get(address)
                assert answer.status_code in {303, 401, 403}
                assert "Lindenau" not in answer.text.replace(f"/organisationen/{HOUSE}", "")


class TestOneOrganisation:
    @pytest.mark.parametrize(
        ("who", "count"), [("administrator", 3), ("moderator", 3), ("publisher", 2), ("scoped_moderator", 2)]
    )
    async def test_documents_of_a_house_are_counted_for_whom_they_are(self, who: str, count: int, hub: Hub) -> None:
        """Neither publisher nor scoped moderator look after the organisation: they know of what they may find."""
        async with hub.writing() as unit:
            values = {"kind": OrganisationKind.OTHER, "search_name": "|drittenau|"}
            unit.session.add(Organisation(key="drittenau", name="Drittenau", **values))
        for visibility in (Visibility.HOUSE, Visibility.NETWORK, Visibility.PUBLIC):
            await document(hub, "drittenau", visibility)
        await document(hub, "drittenau", Visibility.PUBLIC, Status.WITHDRAWN)
        async with hub.browser(who) as browser:
            page = await browser.get("/organisationen/drittenau")
        assert re.findall(r"Published documents[^<]*</dt><dd>(\d+)</dd>", page.text) == [str(count)]
        assert "Geheimer Titel" not in page.text

    async def test_who_releases_is_named_to_those_who_look_after_members(self, hub: Hub) -> None:
        async with hub.browser("administrator") as browser:
            await browser.post(f"/organisationen/{HOUSE}/freigabe")
            seen = await browser.get(f"/organisationen/{HOUSE}")
        async with hub.browser("publisher") as browser:
            unseen = await browser.get(f"/organisationen/{HOUSE}")
        assert "Releaser" in seen.text
        assert "Releaser" not in unseen.text
        assert "One of its own people releases" in unseen.text

    async def test_unknown_keys_are_not_found(self, hub: Hub) -> None:
        async with hub.browser("administrator") as browser:
            for key in ("nirgends", "%01", "x" * 500):
                assert (await browser.get(f"/organisationen/{key}")).status_code == 404


class TestSettings:
    async def test_administrators_add_and_remove_mail_domains(self, hub: Hub) -> None:
        address = f"/organisationen/{HOUSE}/maildomain"
        async with hub.browser("administrator") as browser:
            assert (await browser.post(address, data={"domain": "Lindenau.Example"})).status_code == 303
            free = await browser.post(address, data={"domain": "gmx.de"})
            bad = await browser.post(address, data={"domain": "<b>nichts"})
            elsewhere = await browser.post(
                f"/organisationen/{NEIGHBOUR}/maildomain/entfernen", data={"domain": "lindenau.example"}
            )
            page = await browser.get(f"/organisationen/{HOUSE}")
            gone = await browser.post(f"{address}/entfernen", data={"domain": "lindenau.example"})
        assert (free.status_code, bad.status_code, elsewhere.status_code, gone.status_code) == (409, 422, 404, 303)
        assert "lindenau.example" in page.text
        assert "&lt;b&gt;nichts" in bad.text
        assert await acts(hub) == ["organisations:add_domain", "organisations:remove_domain"]

    async def test_a_body_that_is_in_no_register(self, hub: Hub) -> None:
        values = {"name": "Kompetenz <script>", "key": "kompetenz", "state": "12"}
        async with hub.browser("administrator") as browser:
            answer = await browser.post("/organisationen/neu", data=values)
            page = await browser.get(answer.headers["location"])
            again = await browser.post("/organisationen/neu", data=values)
        assert "Kompetenz &lt;script&gt;" in page.text
        assert again.status_code == 409
        assert await acts(hub) == ["organisations:add"]

    @pytest.mark.parametrize("who", ["moderator", "publisher", "member", None])
    async def test_nobody_else_changes_anything(self, who: str | None, hub: Hub) -> None:
        async with hub.browser(who) as browser:
            for rest in ("/freigabe", "/freigabe/aufheben", "/maildomain", "/maildomain/entfernen"):
                answer = await browser.post(f"/organisationen/{HOUSE}{rest}", data={"domain": "lindenau.example"})
                assert answer.status_code in {303, 401, 403}
        assert await acts(hub) == []
