"""Every route and every role: who is let through, who is led to sign in, who is refused.

What is expected follows from the right that a route declares and from who has it; what happens is asked from the
running application, with one request for each. Nothing acts: what is sent is empty, and names nothing that exists.
"""

import re
from uuid import uuid4

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Mount

from hub.app import methods_of
from hub.dependencies import Requires, required
from knowledge.access.rights import RIGHTS, Right
from knowledge.models.member import Role
from tests.hub.signed_in import PEOPLE, Hub

# What is no page: the style sheet and the script, and the API, whose routes name rights of their own
# (tests/hub/api/test_access.py).
FILES = {"/static", "/api/v1"}
WEAK = {Right.LIBRARY_READ, Right.ACCOUNT_MANAGE, Right.CONTRIBUTIONS_WRITE, Right.NETWORK_USE}
RELEASE = {Right.CONTRIBUTIONS_RELEASE}
# Who there is, and what they may do; written down here once more, so that the program cannot agree with itself.
MODERATION = WEAK | {
    Right.REVIEW_DECIDE,
    Right.LIBRARY_MANAGE,
    Right.MEMBERS_INVITE,
    Right.ORGANISATIONS_READ,
    Right.CIRCLES_MANAGE,
    Right.ANSWERS_READ,
    Right.GAPS_READ,
    Right.TOPICS_MANAGE,
    Right.FIGURES_READ,
}
MAY: dict[str | None, set[Right]] = {
    None: {Right.LIBRARY_READ},
    "suspended": {Right.LIBRARY_READ},
    "member": WEAK,
    "neighbour": WEAK,
    "releaser": WEAK | RELEASE,
    "weak_moderator": WEAK,
    "moderator": MODERATION,
    "scoped_moderator": MODERATION,
    "publisher": WEAK
    | {
        Right.LIBRARY_MANAGE,
        Right.ORGANISATIONS_READ,
        Right.GAPS_READ,
        Right.TRAININGS_MANAGE,
        Right.FIGURES_READ,
    },
    "administrator": set(Right) - RELEASE,
}
# Who looks after some organisations invites into these; an empty form names none.
BEYOND_SCOPE = {("scoped_moderator", "POST", "/mitglieder/einladen")}
PARAMETER = re.compile(r"{(\w+)(?::(\w+))?}")
ALLOWED, SIGN_IN, STEP_UP, REFUSED = "allowed", "sign in", "step up", "refused"


def expected(who: str | None, need: Requires) -> str:
    """Return what has to happen."""
    right = need.right
    if right in MAY[who]:
        return STEP_UP if need.strong and who == "weak_moderator" else ALLOWED
    if who in (None, "suspended"):
        return SIGN_IN
    role = PEOPLE[who][0]
    return STEP_UP if who == "weak_moderator" and right in RIGHTS[role] else REFUSED


def every_route(app: FastAPI) -> list[tuple[str, APIRoute]]:
    """Return all routes with their methods; whatever else the application has must be one of ``FILES``."""
    mounted = {route.path for route in app.routes if isinstance(route, Mount)}
    assert mounted == FILES
    pages = [route for route in app.routes if isinstance(route, APIRoute)]
    assert len(pages) + len(mounted) == len(app.routes)
    # Signing out comes last: it is the one act that an empty form suffices for.
    pages.sort(key=lambda route: route.path == "/abmelden")
    return [(method, route) for route in pages for method in methods_of(route)]


def address_of(route: APIRoute) -> str:
    """Return an address of a route at which there is nothing."""
    kinds = {"int": "1", "path": "x"}
    return PARAMETER.sub(lambda part: kinds.get(part[2], str(uuid4())), route.path)


class TestTable:
    def test_every_route_names_a_right(self, hub: Hub) -> None:
        routes = every_route(hub.app)
        assert len(routes) > 20
        assert [route.path for _method, route in routes if required(route) is None] == []

    def test_the_table_knows_everybody(self) -> None:
        assert set(MAY) == {None, *PEOPLE}
        assert {role for role, _house in PEOPLE.values()} == set(Role)

    @pytest.mark.parametrize("who", list(MAY))
    async def test_every_route_for(self, hub: Hub, who: str | None) -> None:
        seen = {}
        async with hub.browser(who) as browser:
            for method, route in every_route(hub.app):
                need = required(route)
                assert need is not None
                answer = await browser.request(method, address_of(route), headers={"Accept": "application/json"})
                wanted = REFUSED if (who, method, route.path) in BEYOND_SCOPE else expected(who, need)
                found = _outcome(answer.status_code, answer.text)
                assert found == (wanted if wanted != STEP_UP else SIGN_IN), (method, route.path, answer.text[:300])
                seen[method, route.path] = wanted
        assert len(seen) == len(every_route(hub.app))
        assert set(seen.values()) >= {ALLOWED}

    async def test_people_are_led_to_where_they_can_help_themselves(self, hub: Hub) -> None:
        for who, way in ((None, "/anmelden"), ("suspended", "/anmelden"), ("weak_moderator", "/anmelden/bestaetigen")):
            async with hub.browser(who) as browser:
                answer = await browser.get("/pruefung?seite=2")
            assert answer.status_code == 303
            assert answer.headers["location"] == f"{way}?weiter=%2Fpruefung%3Fseite%3D2"
        async with hub.browser("member") as browser:
            assert (await browser.get("/pruefung")).status_code == 403


def _outcome(status: int, text: str) -> str:
    if '"access.sign_in_needed"' in text:
        return SIGN_IN
    if '"access.not_allowed"' in text:
        return REFUSED
    assert status < 500, text[:500]
    return ALLOWED
