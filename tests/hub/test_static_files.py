"""Style sheet and script: kept by browsers as long as they are the same, compressed; pages never are."""

import re

import pytest

from tests.hub.signed_in import Hub

PACKED = {"Accept-Encoding": "gzip"}


async def addresses(hub: Hub) -> list[str]:
    """Return the files that the first page loads."""
    async with hub.browser() as browser:
        page = (await browser.get("/")).text
    found = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(found) > 2
    return found


class TestStaticFiles:
    async def test_pages_name_them_with_their_digest_and_browsers_keep_them(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            answers = [await browser.get(address) for address in await addresses(hub)]
        assert {answer.status_code for answer in answers} == {200}
        assert {answer.headers["cache-control"] for answer in answers} == {"public, max-age=31536000, immutable"}

    @pytest.mark.parametrize("query", ["", "?v=", "?v=000000000000", "?v=%C3%A4"])
    async def test_with_another_digest_or_none_they_are_asked_for_again(self, hub: Hub, query: str) -> None:
        async with hub.browser() as browser:
            answer = await browser.get(f"/static/allmende.css{query}")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["etag"]

    async def test_they_are_sent_compressed(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            packed = await browser.get("/static/allmende.css", headers=PACKED)
            plain = await browser.get("/static/allmende.css", headers={"Accept-Encoding": "identity"})
        assert packed.headers["content-encoding"] == "gzip"
        assert "Accept-Encoding" in packed.headers["vary"]
        assert int(packed.headers.get("content-length", 0)) < len(plain.content) / 3
        assert packed.text == plain.text

    @pytest.mark.parametrize("path", ["/", "/ueber", "/konto", "/suche?q=geheim"])
    async def test_pages_are_not_because_their_length_would_tell_what_is_in_them(self, hub: Hub, path: str) -> None:
        async with hub.browser("member") as browser:
            answer = await browser.get(path, headers=PACKED)
        assert answer.status_code in {200, 503}
        assert "content-encoding" not in answer.headers

    async def test_nothing_beside_them_is_sent(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/", "/static/nichts.css?v=x"):
                assert (await browser.get(path)).status_code == 404
