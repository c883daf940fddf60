"""Pages, conditions and limits: what every operation of the API has in common."""

import pytest

from hub.api.etags import matches
from hub.api.limits import Limits
from hub.api.paging import CursorInvalid, read_cursor, write_cursor
from knowledge.access.throttle import neighbourhood
from tests.hub.api.programs import calling, make_token
from tests.hub.pages.library_world import take_in
from tests.hub.signed_in import Hub


class TestPages:
    async def test_lead_through_everything_once(self, hub: Hub) -> None:
        made = {str(await take_in(hub, f"bericht-{number}.md", f"Text {number}.")) for number in range(5)}
        seen: list[str] = []
        async with calling(hub) as api:
            address: str | None = "/api/v1/documents?limit=2"
            while address:
                page = await api.get(f"http://hub.test{address}")
                seen += [item["id"] for item in page.json()["items"]]
                address = page.json()["next"]
                assert page.headers.get("link") == (f'<{address}>; rel="next"' if address else None)

        assert len(seen) == len(made)
        assert set(seen) == made

    @pytest.mark.parametrize(
        "cursor", ["x", "WzIwXQ==", "W10", "WyJhIl0", "Wy0xXQ", "WzFlOTld", "ä", "[20]", "W1sxXV0"]
    )
    async def test_a_cursor_from_elsewhere_is_refused(self, hub: Hub, cursor: str) -> None:
        async with calling(hub) as api:
            refused = await api.get("/documents", params={"cursor": cursor})

        assert (refused.status_code, refused.json()["code"]) == (422, "api.cursor_invalid")

    def test_a_cursor_is_read_as_it_was_written(self) -> None:
        assert [read_cursor(write_cursor(offset)) for offset in (1, 20, 99_999)] == [1, 20, 99_999]
        with pytest.raises(CursorInvalid):
            read_cursor(write_cursor(100_000))

    @pytest.mark.parametrize("limit", ["0", "101", "-1", "zehn", "1e3"])
    async def test_a_limit_that_is_none_is_refused(self, hub: Hub, limit: str) -> None:
        async with calling(hub) as api:
            refused = await api.get("/documents", params={"limit": limit})

        assert refused.status_code == 422
        assert refused.json()["errors"][0]["place"] == "query.limit"


class TestConditions:
    async def test_what_one_has_is_not_sent_again(self, hub: Hub) -> None:
        key = await take_in(hub, "bericht.md")
        async with calling(hub) as api:
            first = await api.get(f"/documents/{key}")
            again = await api.get(f"/documents/{key}", headers={"If-None-Match": first.headers["etag"]})
            await take_in(hub, "bericht.md", "Ganz anders.")
            changed = await api.get(f"/documents/{key}", headers={"If-None-Match": first.headers["etag"]})

        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
        assert (changed.status_code, changed.json()["version"]) == (200, 2)

    async def test_a_change_says_what_it_is_about(self, hub: Hub) -> None:
        async with calling(hub, "member") as api:
            made = await api.post("/contributions", json={"fields": {"title": "Drohne"}})
            path, better = f"/contributions/{made.json()['id']}", {"fields": {"title": "Drohnen"}}
            without = await api.patch(path, json=better)
            wrong = await api.patch(path, json=better, headers={"If-Match": '"r99"'})
            right = await api.patch(path, json=better, headers={"If-Match": made.headers["etag"]})
            late = await api.patch(path, json={"fields": {"title": "x"}}, headers={"If-Match": made.headers["etag"]})

        assert [one.status_code for one in (without, wrong, right, late)] == [428, 412, 200, 412]
        assert right.json()["fields"] == {"title": "Drohnen"}
        assert right.headers["etag"] != made.headers["etag"]

    def test_only_strong_etags_count_for_changes(self) -> None:
        assert matches('W/"a"', '"a"', weakly=True)
        assert not matches('W/"a"', '"a"', weakly=False)
        assert matches('"b", "a"', '"a"', weakly=False)
        assert matches("*", '"a"', weakly=False)


class TestLimits:
    async def test_every_answer_says_what_is_left(self, hub: Hub) -> None:
        async with calling(hub) as api:
            first, second = await api.get("/documents"), await api.get("/documents/nothing")

        assert first.headers["ratelimit-limit"] == "60"
        assert int(second.headers["ratelimit-remaining"]) < int(first.headers["ratelimit-remaining"]) < 60
        assert int(first.headers["ratelimit-reset"]) > 0

    async def test_too_often_is_refused_before_anything_is_done(self, hub: Hub) -> None:
        async with calling(hub) as api:
            answers = [await api.get("/documents") for _turn in range(61)]

        refused = answers[-1]
        assert {answer.status_code for answer in answers[:60]} == {200}
        assert (refused.status_code, refused.json()["code"]) == (429, "api.too_many_requests")
        assert int(refused.headers["retry-after"]) > 0

    async def test_a_token_has_more_and_its_own(self, hub: Hub) -> None:
        issued = await make_token(hub, "member")
        async with calling(hub) as stranger, calling(hub, token=issued.secret) as member:
            for _turn in range(61):
                last = await stranger.get("/documents")
            mine = await member.get("/documents")

        assert (last.status_code, mine.status_code) == (429, 200)
        assert mine.headers["ratelimit-limit"] == "600"

    def test_a_network_counts_as_one(self) -> None:
        limits = Limits(by_token=1, by_address=1)
        assert not limits.take_by_address("2001:db8::1").is_spent
        assert limits.take_by_address("2001:db8::2").is_spent
        assert not limits.take_by_address("2001:db8:0:1::1").is_spent
        assert neighbourhood("nobody") == "nobody"
