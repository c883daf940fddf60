"""Who may call the API: tokens, their scopes, and what they never let anybody do."""

import pytest
from sqlalchemy import select, update

from knowledge.kit.clock import now
from knowledge.models.audit import AuditEntry
from knowledge.models.member import Member, Role
from knowledge.models.token import ApiToken
from knowledge.tokens.scopes import TokenScope
from knowledge.tokens.service import Tokens
from tests.hub.api.programs import OPEN_SERVICE, SERVICE, calling, make_service, make_token, visitor
from tests.hub.signed_in import Hub

PROBLEM = "application/problem+json"


class TestTokens:
    async def test_without_one_only_what_is_public_is_there(self, hub: Hub) -> None:
        async with calling(hub) as api:
            assert (await api.get("/documents")).status_code == 200
            refused = await api.get("/contributions")

        assert (refused.status_code, refused.json()["code"]) == (401, "api.token_needed")
        assert refused.headers["content-type"] == PROBLEM
        assert refused.headers["www-authenticate"] == "Bearer"

    @pytest.mark.parametrize("header", ["Bearer allmende_wrong", "Basic eDp5", "Bearer", "Bearer " + "x" * 5000, "ä"])
    async def test_one_that_is_none_is_refused_even_where_none_is_needed(self, hub: Hub, header: str) -> None:
        async with calling(hub) as api:
            refused = await api.get("/documents", headers={b"Authorization": header.encode()})

        assert (refused.status_code, refused.json()["code"]) == (401, "api.token_invalid")

    async def test_it_works_until_it_is_ended(self, hub: Hub) -> None:
        issued = await make_token(hub, "member")
        async with calling(hub, token=issued.secret) as api:
            before = (await api.get("/contributions")).status_code
            async with hub.writing() as unit:
                await Tokens(unit.session).revoke_own(issued.entry.id, by=visitor(hub, "member"))
            after = (await api.get("/contributions")).status_code

        assert (before, after) == (200, 401)

    async def test_it_is_over_when_its_time_is(self, hub: Hub) -> None:
        issued = await make_token(hub, "member")
        async with hub.writing() as unit:
            await unit.session.execute(update(ApiToken).values(expires_at=now()))

        async with calling(hub, token=issued.secret) as api:
            assert (await api.get("/contributions")).status_code == 401

    async def test_what_is_kept_is_a_digest_and_the_day(self, hub: Hub) -> None:
        issued = await make_token(hub, "member")
        async with calling(hub, token=issued.secret) as api:
            await api.get("/documents")

        async with hub.writing() as unit:
            kept = (await unit.session.scalars(select(ApiToken))).one()
            acts = (await unit.session.scalars(select(AuditEntry.action))).all()
        assert issued.secret not in (kept.digest, kept.hint)
        assert kept.used_on is not None
        assert acts == ["tokens:make"]

    async def test_cookies_do_not_count(self, hub: Hub) -> None:
        async with hub.browser("administrator") as browser:
            assert (await browser.get("/api/v1/contributions")).status_code == 401

    async def test_what_is_only_called_like_the_description_is_not_open(self, hub: Hub) -> None:
        async with calling(hub) as api:
            described = await api.get("/openapi.json")
            refused = await api.get("/organisations/openapi.json")

        assert "ratelimit-limit" not in described.headers
        assert (refused.status_code, refused.json()["code"]) == (401, "api.token_needed")

    async def test_no_origin_is_needed(self, hub: Hub) -> None:
        foreign = {"Origin": "https://elsewhere.example", "Sec-Fetch-Site": "cross-site"}
        async with calling(hub, "member") as api:
            made = await api.post("/contributions", json={"fields": {"title": "Drohne"}}, headers=foreign)

        assert made.status_code == 201


class TestScopes:
    async def test_what_it_is_not_for_is_refused(self, hub: Hub) -> None:
        issued = await make_token(hub, "member", [TokenScope.DOCUMENTS_READ])
        async with calling(hub, token=issued.secret) as api:
            refused = await api.get("/contributions")

        assert (refused.status_code, refused.json()["code"]) == (403, "api.scope_missing")
        assert 'scope="contributions:read"' in refused.headers["www-authenticate"]

    async def test_writing_includes_reading(self, hub: Hub) -> None:
        issued = await make_token(hub, "member", [TokenScope.CONTRIBUTIONS_WRITE])
        async with calling(hub, token=issued.secret) as api:
            assert (await api.get("/contributions")).status_code == 200

    async def test_reading_does_not_include_writing(self, hub: Hub) -> None:
        issued = await make_token(hub, "member", [TokenScope.CONTRIBUTIONS_READ])
        async with calling(hub, token=issued.secret) as api:
            assert (await api.post("/contributions", json={"fields": {}})).status_code == 403


class TestRights:
    async def test_a_token_has_no_more_than_its_member_has_now(self, hub: Hub) -> None:
        issued = await make_token(hub, "moderator")
        async with calling(hub, token=issued.secret) as api:
            before = (await api.get("/review")).status_code
            async with hub.writing() as unit:
                mine = Member.id == hub.people["moderator"].id
                await unit.session.execute(update(Member).where(mine).values(role=Role.MEMBER))
            after = (await api.get("/review")).status_code

        assert (before, after) == (200, 403)

    async def test_made_without_a_second_factor_it_has_a_members_rights(self, hub: Hub) -> None:
        scopes = [TokenScope.CONTRIBUTIONS_WRITE]
        issued = await make_token(hub, "moderator", scopes, second_factor=False)
        async with hub.writing() as unit:  # as if somebody had put more into it
            await unit.session.execute(update(ApiToken).values(scopes=["review:read"]))

        async with calling(hub, token=issued.secret) as api:
            assert (await api.get("/review")).status_code == 403

    async def test_a_suspended_member_has_none(self, hub: Hub) -> None:
        issued = await make_token(hub, "suspended", [TokenScope.CONTRIBUTIONS_READ])
        async with calling(hub, token=issued.secret) as api:
            assert (await api.get("/contributions")).status_code == 401

    async def test_a_service_is_no_person(self, hub: Hub) -> None:
        async with calling(hub, SERVICE) as api:
            assert (await api.get("/documents")).status_code == 200
            refused = await api.get("/contributions")

        assert refused.status_code == 403

    async def test_a_service_for_what_is_public_is_no_member_of_the_network(self, hub: Hub) -> None:
        async with calling(hub, OPEN_SERVICE) as api:
            assert (await api.get("/questions")).status_code == 403

    async def test_a_service_ended_by_an_administrator_is_out(self, hub: Hub) -> None:
        issued = await make_service(hub)
        async with hub.writing() as unit:
            await Tokens(unit.session).revoke(issued.entry.id, by=visitor(hub, "administrator"))

        async with calling(hub, token=issued.secret) as api:
            assert (await api.get("/documents")).status_code == 401
