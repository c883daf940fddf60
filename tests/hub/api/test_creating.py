"""The same creation sent twice creates once, whatever happens in between."""

import asyncio
from datetime import timedelta

from httpx import AsyncClient, Response
from sqlalchemy import func, select, update

from knowledge.kit.clock import now
from knowledge.kit.settings import load_settings
from knowledge.models.contribution import Contribution
from knowledge.models.token import ApiRequest
from knowledge.privacy.retention import run_retention
from tests.hub.api.programs import calling, make_token
from tests.hub.signed_in import Hub

DRAFT = {"fields": {"title": "Drohne in der Bauaufsicht"}}


async def contribute(api: AsyncClient, key: str, draft: object = None) -> Response:
    """Send a draft with a key."""
    return await api.post("/contributions", json=draft or DRAFT, headers={"Idempotency-Key": key})


async def count(hub: Hub) -> int:
    """Count all contributions."""
    async with hub.writing() as unit:
        return await unit.session.scalar(select(func.count()).select_from(Contribution)) or 0


class TestIdempotency:
    async def test_twice_is_once_with_the_same_answer(self, hub: Hub) -> None:
        async with calling(hub, "member") as api:
            first, second = await contribute(api, "a-1"), await contribute(api, "a-1")

        assert (first.status_code, second.status_code) == (201, 201)
        assert first.json() == second.json()
        assert [first.headers[name] for name in ("location", "etag")] == [
            second.headers[name] for name in ("location", "etag")
        ]
        assert ("idempotency-replayed" in first.headers, second.headers["idempotency-replayed"]) == (False, "true")
        assert await count(hub) == 1

    async def test_at_the_same_time_is_once(self, hub: Hub) -> None:
        async with calling(hub, "member") as api:
            answers = await asyncio.gather(*(contribute(api, "a-1") for _turn in range(4)))

        assert {answer.json()["id"] for answer in answers} == {answers[0].json()["id"]}
        assert await count(hub) == 1

    async def test_another_request_needs_another_key(self, hub: Hub) -> None:
        async with calling(hub, "member") as api:
            await contribute(api, "a-1")
            refused = await contribute(api, "a-1", {"fields": {"title": "Etwas anderes"}})

        assert (refused.status_code, refused.json()["code"]) == (422, "api.key_used_otherwise")
        assert await count(hub) == 1

    async def test_what_failed_may_be_tried_again(self, hub: Hub) -> None:
        async with calling(hub, "member") as api:
            failed = await contribute(api, "a-1", {"fields": {"title": "Drohne"}, "submit": True})
            again = await contribute(api, "a-1")

        assert (failed.status_code, again.status_code) == (422, 201)

    async def test_keys_are_each_tokens_own(self, hub: Hub) -> None:
        async with calling(hub, "member") as one, calling(hub, "neighbour") as other:
            mine, theirs = await contribute(one, "a-1"), await contribute(other, "a-1")

        assert mine.json()["id"] != theirs.json()["id"]

    async def test_after_a_day_it_is_forgotten(self, hub: Hub) -> None:
        issued = await make_token(hub, "member")
        async with calling(hub, token=issued.secret) as api:
            await contribute(api, "a-1")
            async with hub.writing() as unit:
                await unit.session.execute(update(ApiRequest).values(created_at=now() - timedelta(hours=25)))
            gone = await run_retention(hub.database, load_settings())
            anew = await contribute(api, "a-1")

        assert gone["api_requests"] == 1
        assert "idempotency-replayed" not in anew.headers
        assert await count(hub) == 2
