"""docs/api.md: the client in it does what it says, and the description of the API says something about everything."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI

from hub.api.app import api_routes, description
from hub.api.dependencies import required
from tests.hub.api.programs import make_token
from tests.hub.pages.library_world import searching, take_in
from tests.hub.signed_in import Hub

PAGE = Path(__file__).resolve().parents[3] / "docs" / "api.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """Serve an application on a free port of this machine; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as bound:
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None))
        running = asyncio.create_task(server.serve(sockets=[bound]))
        try:
            yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            await running


class TestClient:
    async def test_runs_as_printed(
        self, hub: Hub, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        await take_in(hub, "drohne.md")
        token = (await make_token(hub, "member")).secret
        monkeypatch.setenv("ALLMENDE_TOKEN", token)
        blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8"))
        assert len(blocks) == 7

        async with searching(hub), served(hub.app) as address:
            monkeypatch.setenv("ALLMENDE_API", f"{address}/api/v1")
            await asyncio.to_thread(exec, compile("\n".join(blocks), str(PAGE), "exec"), {"__name__": "client"})

        said = capsys.readouterr().out
        assert "Die Drohne hat 8.400 Euro gekostet" in said
        assert [line for line in said.splitlines() if line in ("1 documents", "304", "waiting")] == [
            "1 documents",
            "304",
            "waiting",
        ]
        assert said.splitlines()[-1] == "Drohne in der Bauaufsicht"


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield all operations with their names."""
    for path, entries in description()["paths"].items():
        for method, operation in entries.items():
            yield f"{method.upper()} {path}", operation


class TestDescription:
    def test_every_operation_says_what_it_does_and_who_may(self) -> None:
        found = dict(operations())
        assert len(found) == len(api_routes()) > 20
        for name, operation in found.items():
            assert operation["summary"], name
            assert len(operation["description"].split("\n\n")) > 1, name
            assert operation["security"], name
            assert operation["tags"], name

    def test_every_parameter_and_field_is_described(self) -> None:
        nameless = [
            f"{name}: {parameter['name']}"
            for name, operation in operations()
            for parameter in operation.get("parameters", ())
            if not (parameter.get("description") or parameter["schema"].get("description"))
        ]
        schemas = description()["components"]["schemas"]
        nameless += [
            f"{name}.{key}"
            for name, schema in schemas.items()
            for key, one in schema.get("properties", {}).items()
            if not one.get("description")
        ]
        assert len(schemas) > 10
        assert nameless == []

    def test_every_problem_has_an_example(self) -> None:
        seen = 0
        for name, operation in operations():
            for status, answer in operation["responses"].items():
                if int(status) < 400:
                    continue
                seen += 1
                problem = answer["content"]["application/problem+json"]
                assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}, (name, status)
                assert problem["example"]["status"] == int(status), (name, status)
        assert seen > 100

    def test_every_operation_names_the_usual_problems(self) -> None:
        for route in api_routes():
            need = required(route)
            assert need is not None
            statuses = {int(status) for status in route.responses}
            assert {400, 401, 403, 429, 503} <= statuses, route.path
            if "{" in route.path:
                assert 404 in statuses, route.path

    def test_references_lead_somewhere(self) -> None:
        named = set(re.findall(r'"#/components/schemas/([^"]+)"', str(description()).replace("'", '"')))
        assert named
        assert named <= set(description()["components"]["schemas"])

    def test_identifiers_of_operations_are_unique(self) -> None:
        keys = [operation["operationId"] for _name, operation in operations()]
        assert len(keys) == len(set(keys))
