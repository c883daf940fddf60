"""What no honest program sends: refused with a problem, never with a fault of ours, and nothing of it comes back."""

import json

import pytest

from tests.hub.api.programs import calling
from tests.hub.signed_in import Hub

JSON = {"Content-Type": "application/json"}
DEEP = "[" * 100_000


class TestBodies:
    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b"{", "api.request_invalid"),
            (b"\xff\xfe\x00", "api.request_invalid"),
            (b'{"question": "\xc3\x28"}', "api.request_invalid"),
            (DEEP.encode(), "api.request_invalid"),
            (b'{"question": "a\\u0000b"}', "api.request_invalid"),
            (b'{"question": "\\ud800"}', "api.request_invalid"),
            (b'{"question": 1e999}', "api.request_invalid"),
            (b'{"question": ' + b"9" * 5000 + b"}", "api.request_invalid"),
            (b'{"question": NaN}', "api.request_invalid"),
            (b'{"question": ["a"]}', "api.request_invalid"),
            (b'{"question": "a", "more": 1}', "api.request_invalid"),
            (b'{"\\ud800": 1, "question": "a"}', "api.request_invalid"),
            (b"[]", "api.request_invalid"),
            (b"null", "api.request_invalid"),
            (b"", "api.request_invalid"),
        ],
    )
    async def test_that_are_no_sound_json_are_refused(self, hub: Hub, body: bytes, code: str) -> None:
        async with calling(hub) as api:
            refused = await api.post("/ask", content=body, headers=JSON)

        assert (refused.status_code, refused.json()["code"]) == (422, code)
        assert refused.headers["content-type"] == "application/problem+json"

    @pytest.mark.parametrize(
        "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]
    )
    async def test_of_another_kind_are_refused(self, hub: Hub, kind: str) -> None:
        async with calling(hub) as api:
            refused = await api.post("/ask", content=b"question=a", headers={"Content-Type": kind})

        assert (refused.status_code, refused.json()["code"]) == (415, "api.json_needed")

    async def test_that_are_huge_are_refused(self, hub: Hub) -> None:
        async with calling(hub) as api:
            body = json.dumps({"question": "x" * 3_000_000}).encode()
            refused = await api.post("/ask", content=body, headers=JSON)

        assert refused.status_code == 413
        assert refused.headers["content-type"] == "application/problem+json"

    async def test_what_was_sent_does_not_come_back(self, hub: Hub) -> None:
        async with calling(hub) as api:
            refused = await api.post("/ask", json={"question": {"geheim": "Erika Beispiel"}})

        assert refused.status_code == 422
        assert "Erika" not in refused.text


class TestAddresses:
    @pytest.mark.parametrize(
        "path",
        ["/documents/1", "/documents/%00", "/documents/..%2f..", "/nothing", "/", "", "/documents/%ff", "/DOCUMENTS"],
    )
    async def test_that_lead_nowhere_are_problems(self, hub: Hub, path: str) -> None:
        async with calling(hub) as api:
            answer = await api.get(f"http://hub.test/api/v1{path}")

        assert answer.status_code in (400, 404)
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_another_method_says_which_there_are(self, hub: Hub) -> None:
        async with calling(hub) as api:
            refused, options = await api.delete("/documents"), await api.options("/contributions")
            head = await api.head("/documents")

        assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
        assert set(options.headers["allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
        assert (head.status_code, head.content) == (200, b"")

    async def test_hidden_and_missing_look_the_same(self, hub: Hub) -> None:
        async with calling(hub, "neighbour") as other, calling(hub, "member") as mine:
            key = (await mine.post("/contributions", json={"fields": {"title": "Drohne"}})).json()["id"]
            hidden = await other.get(f"/contributions/{key}")
            missing = await other.get("/contributions/7d0c5a2f-1b3e-4c8d-9f60-2a4b6c8d0e1f")

        told = [{**answer.json(), "instance": "", "request_id": ""} for answer in (hidden, missing)]
        assert told[0] == told[1]
        assert hidden.status_code == 404


class TestLanguages:
    async def test_problems_are_told_in_the_callers(self, hub: Hub) -> None:
        async with calling(hub, language="de") as german, calling(hub, language="en") as english:
            told = [(await api.get("/contributions")).json()["title"] for api in (german, english)]

        assert told == ["Bitte anmelden", "Please sign in"]
