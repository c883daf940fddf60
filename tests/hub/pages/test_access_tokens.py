"""„Zugänge für Programme": made, shown once, listed without their secret, ended."""

import re

from httpx import AsyncClient, Response

from tests.hub.api.programs import calling, make_service
from tests.hub.signed_in import Hub

OWN, SERVICES = "/konto/zugaenge", "/zugaenge"
SECRET = re.compile(r"allmende_[\w-]{43}")
WISH = {"name": "Fachverfahren", "zwecke": ["search:read", "contributions:write"], "tage": "30"}


async def make(browser: AsyncClient, **changes: object) -> Response:
    """Ask for a token of one's own."""
    return await browser.post(OWN, data={**WISH, **changes})


def secret_in(page: Response) -> str:
    """Return the token that a page shows."""
    found = SECRET.search(page.text)
    assert found, page.text
    return found[0]


class TestOwn:
    async def test_is_shown_once_and_works(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            made = await make(browser)
            listed = await browser.get(OWN)

        secret = secret_in(made)
        async with calling(hub, token=secret) as api:
            assert (await api.get("/contributions")).status_code == 200
        assert made.headers["cache-control"] == "no-store"
        assert "Fachverfahren" in listed.text
        assert secret not in listed.text
        assert "Search and ask, Contribute" in listed.text

    async def test_ended_is_over_at_once(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            secret = secret_in(await make(browser))
            address = re.search(rf'action="({OWN}/[\w-]+/beenden)"', (await browser.get(OWN)).text)
            assert address
            await browser.post(address[1])
            listed = await browser.get(OWN)

        async with calling(hub, token=secret) as api:
            assert (await api.get("/contributions")).status_code == 401
        assert "Fachverfahren" not in listed.text

    async def test_nobody_ends_somebody_elses(self, hub: Hub) -> None:
        async with hub.browser("member") as browser, hub.browser("neighbour") as other:
            await make(browser)
            address = re.search(rf'action="({OWN}/[\w-]+/beenden)"', (await browser.get(OWN)).text)
            assert address
            refused = await other.post(address[1])
            listed = await browser.get(OWN)

        assert refused.status_code == 404
        assert "Fachverfahren" in listed.text

    async def test_what_is_missing_is_said(self, hub: Hub) -> None:
        async with hub.browser("member") as browser:
            nameless, useless = await make(browser, name=""), await make(browser, zwecke=[])
            endless = await make(browser, tage="366")

        assert [page.status_code for page in (nameless, useless, endless)] == [422, 422, 422]
        assert "Please choose what it may be used for." in useless.text

    async def test_more_than_a_member_may_needs_a_second_factor(self, hub: Hub) -> None:
        async with hub.browser("weak_moderator") as weak, hub.browser("moderator") as strong:
            offered_weak, offered_strong = await weak.get(OWN), await strong.get(OWN)
            refused = await make(weak, zwecke=["review:write"])
            made = await make(strong, zwecke=["review:write"])

        assert ("review:write" in offered_weak.text, "review:write" in offered_strong.text) == (False, True)
        assert "Confirm that it is you" in offered_weak.text
        assert refused.headers["location"].startswith("/anmelden/bestaetigen")
        assert secret_in(made)

    async def test_what_is_of_no_use_is_refused(self, hub: Hub) -> None:
        async with hub.browser("publisher") as browser:
            assert (await make(browser, zwecke=["review:write"])).status_code == 403


class TestServices:
    async def test_an_administrator_makes_one_for_an_organisation(self, hub: Hub) -> None:
        async with hub.browser("administrator") as browser:
            wish = {**WISH, "zwecke": ["search:read", "documents:read"], "organisation": "lindenau"}
            made = await browser.post(SERVICES, data=wish)
            listed = await browser.get(SERVICES)

        async with calling(hub, token=secret_in(made)) as api:
            assert (await api.get("/documents")).status_code == 200
        assert "what people of Lindenau find" in listed.text

    async def test_it_never_writes(self, hub: Hub) -> None:
        async with hub.browser("administrator") as browser:
            refused = await browser.post(SERVICES, data={**WISH, "zwecke": ["contributions:write"]})

        assert refused.status_code == 422

    async def test_an_unknown_organisation_is_said(self, hub: Hub) -> None:
        async with hub.browser("administrator") as browser:
            refused = await browser.post(SERVICES, data={**WISH, "zwecke": ["search:read"], "organisation": "nirgends"})

        assert refused.status_code == 422

    async def test_is_ended_there(self, hub: Hub) -> None:
        issued = await make_service(hub)
        async with hub.browser("administrator") as browser:
            await browser.post(f"{SERVICES}/{issued.entry.id}/beenden")

        async with calling(hub, token=issued.secret) as api:
            assert (await api.get("/documents")).status_code == 401

    async def test_is_no_members_to_end(self, hub: Hub) -> None:
        issued = await make_service(hub)
        async with hub.browser("member") as browser:
            assert (await browser.post(f"{OWN}/{issued.entry.id}/beenden")).status_code == 404


class TestManual:
    async def test_lists_areas_and_operations(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            manual, area = await browser.get("/api"), await browser.get("/api/contributions")
            missing = await browser.get("/api/nothing")

        assert "GET /search" in manual.text
        assert "POST /api/v1/contributions" in area.text
        assert 'id="form-NewContribution"' in area.text
        assert missing.status_code == 404
        assert len(manual.content) < 100_000
        assert len(area.content) < 100_000
