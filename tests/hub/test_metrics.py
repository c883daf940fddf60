"""Numbers for a monitoring system: right, bounded, about nobody, and for those alone who know the token."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from hub.app import create_app
from hub.cli.measuring import metrics_served
from hub.cli.surroundings import Surroundings
from knowledge.kit.clock import now
from knowledge.kit.database import Database
from knowledge.kit.measures import note_connection, note_worker
from knowledge.kit.settings import WrongSetting, load_settings
from knowledge.models.chat import Network
from knowledge.models.job import Job, JobState
from knowledge.models.message import OutgoingMessage
from tests.hub.pages.library_world import searching, take_in
from tests.hub.signed_in import Hub

TOKEN = "nur-fuer-die-ueberwachung"
Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]
READ = {"Authorization": f"Bearer {TOKEN}"}


def samples(text: str) -> Samples:
    """Return all numbers by name and labels, as a monitoring system reads them."""
    found = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    assert found
    return {(sample.name, tuple(sorted(sample.labels.items()))): sample.value for sample in found}


def value(found: Samples, name: str, **labels: str) -> float:
    """Return one number; 0 where there is none yet."""
    return found.get((name, tuple(sorted(labels.items()))), 0.0)


@pytest.fixture
def measured(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A hub that measures."""
    monkeypatch.setenv("ALLMENDE_METRICS_TOKEN", TOKEN)
    services = replace(hub.app.state.services, settings=load_settings())
    return replace(hub, app=create_app(services))


async def read(hub: Hub) -> Samples:
    """Return the numbers of a hub."""
    async with hub.browser() as browser:
        answer = await browser.get("/metrics", headers=READ)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return samples(answer.text)


class TestWhoReads:
    async def test_without_a_token_in_the_settings_there_is_nothing(self, hub: Hub) -> None:
        async with hub.browser("administrator", address="http://127.0.0.1") as browser:
            assert (await browser.get("/metrics", headers=READ)).status_code == 404

    @pytest.mark.parametrize("header", ["", "Bearer ", f"Bearer {TOKEN}x", f"Basic {TOKEN}", f"bearer{TOKEN}"])
    async def test_another_token_or_none_gets_nothing_also_from_this_machine(self, measured: Hub, header: str) -> None:
        async with measured.browser("administrator", address="http://127.0.0.1") as browser:
            answer = await browser.get("/metrics", headers={"Authorization": header} if header else {})
        assert answer.status_code == 401
        assert "allmende_" not in answer.text


class TestRequests:
    async def test_are_counted_by_route_and_status_never_by_what_was_called(self, measured: Hub) -> None:
        secret, before = uuid4(), await read(measured)
        async with measured.browser() as browser:
            await browser.get(f"/dokument/{secret}")
            await browser.get(f"/{secret}")
            await browser.head("/impressum")
            await browser.get("/static/allmende.css")
            text = (await browser.get("/metrics", headers=READ)).text
        after = samples(text)

        def grown(route: str, status: str, method: str = "GET") -> float:
            labels = {"method": method, "route": route, "status": status}
            return value(after, "allmende_http_requests_total", **labels) - value(
                before, "allmende_http_requests_total", **labels
            )

        assert grown("/dokument/{key}", "404") == 1
        assert grown("unknown", "404") == 1
        assert grown("/impressum", "200", "HEAD") == 1
        assert grown("/static", "200") == 1
        assert str(secret) not in text

    async def test_how_long_they_took_is_counted(self, measured: Hub) -> None:
        before = await read(measured)
        name, labels = "allmende_http_request_duration_seconds_count", {"method": "GET", "route": "/metrics"}
        assert value(await read(measured), name, **labels) == value(before, name, **labels) + 1

    async def test_labels_are_names_of_the_program(self, measured: Hub) -> None:
        async with measured.browser() as browser:
            await browser.request("ERFUNDEN", "/geheim?q=Frau+Schulz")
            await browser.get("/suche?q=Frau+Schulz")
        routes = {getattr(route, "path", "") for route in measured.app.routes} | {"unknown", "/static"}
        for _name, labels in await read(measured):
            said = dict(labels)
            assert said.get("route", "/static") in routes or said["route"].startswith("/api/")
            assert said.get("method", "GET") in {"GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE", "unknown"}
            assert "Schulz" not in str(said)


class TestAnswers:
    async def test_answers_and_abstentions_are_counted(self, measured: Hub) -> None:
        await take_in(measured, "drohne.md")
        before = await read(measured)
        async with searching(measured), measured.browser() as browser:
            assert "8.400 Euro" in (await browser.get("/suche?q=Was+hat+die+Drohne+gekostet%3F")).text
        async with searching(measured, line=1.0), measured.browser() as browser:
            await browser.get("/suche?q=Was+hat+die+Drohne+gekostet%3F")
        after = await read(measured)
        grown = {
            outcome: value(after, "allmende_answers_total", outcome=outcome)
            - value(before, "allmende_answers_total", outcome=outcome)
            for outcome in ("answered", "abstained")
        }
        assert grown == {"answered": 1, "abstained": 1}
        assert value(after, "allmende_index_passages") == value(after, "allmende_passages") > 0


class TestWhatWaits:
    async def test_jobs_and_messages_are_counted_with_the_age_of_the_oldest(self, measured: Hub) -> None:
        hour_ago = now() - timedelta(hours=1)
        async with measured.writing() as unit:
            for number, state in enumerate((JobState.WAITING, JobState.WAITING, JobState.DEAD)):
                row = Job(kind="erfunden", key=str(number), payload={}, state=state, run_at=now(), created_at=hour_ago)
                unit.session.add(row)
            waiting = OutgoingMessage(network=Network.MATRIX, chat="!geheim:raum", payload={}, created_at=hour_ago)
            unit.session.add(waiting)
        found = await read(measured)
        assert value(found, "allmende_jobs_waiting", kind="erfunden") == 2
        assert value(found, "allmende_jobs_oldest_seconds", kind="erfunden") >= 3600
        assert value(found, "allmende_jobs_failed", kind="erfunden") == 1
        assert value(found, "allmende_outbox_waiting", network="matrix") == 1
        assert value(found, "allmende_outbox_oldest_seconds", network="matrix") >= 3600
        assert value(found, "allmende_outbox_waiting", network="mail") == 0
        assert "geheim" not in str(found)

    async def test_networks_and_the_worker_say_how_they_are(self, measured: Hub) -> None:
        note_connection("matrix", connected=True)
        note_connection("telegram", connected=False)
        note_worker()
        found = await read(measured)
        assert value(found, "allmende_chat_connected", network="matrix") == 1
        assert ("allmende_chat_connected", (("network", "telegram"),)) in found
        assert value(found, "allmende_worker_seen_timestamp_seconds") >= (now() - timedelta(minutes=1)).timestamp()

    async def test_a_database_that_is_away_is_said_to_be(self, measured: Hub, tmp_path: Path) -> None:
        away = Database(f"sqlite+aiosqlite:///{tmp_path / 'gibt' / 'es' / 'nicht.db'}")
        services = replace(measured.app.state.services, database=away)
        found = await read(replace(measured, app=create_app(services)))
        await away.close()
        assert value(found, "allmende_database_up") == 0
        assert not [name for name, _labels in found if name == "allmende_jobs_waiting"]


class TestOwnPort:
    @pytest.fixture
    def surroundings(self, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Surroundings]:
        """Settings of a process with such a port, over the hub's database."""

        def made(**values: str) -> Surroundings:
            for name, text in values.items():
                monkeypatch.setenv(name, text)
            return Surroundings(load_settings(), hub.database)

        return made

    async def test_shows_the_numbers_of_a_process_without_pages(
        self, surroundings: Callable[..., Surroundings], capsys: pytest.CaptureFixture[str]
    ) -> None:
        async with metrics_served(surroundings(ALLMENDE_METRICS_PORT="0")), httpx.AsyncClient() as client:
            address = await said(capsys)
            found = samples((await client.get(address)).text)
            elsewhere = await client.get(address.replace("/metrics", "/"))
        assert value(found, "allmende_database_up") == 1
        assert [name for name, _labels in found if name == "allmende_build_info"]
        assert elsewhere.status_code == 404

    async def test_asks_for_the_token_where_there_is_one(
        self, surroundings: Callable[..., Surroundings], capsys: pytest.CaptureFixture[str]
    ) -> None:
        chosen = surroundings(ALLMENDE_METRICS_PORT="0", ALLMENDE_METRICS_TOKEN=TOKEN)
        async with metrics_served(chosen), httpx.AsyncClient() as client:
            address = await said(capsys)
            assert (await client.get(address)).status_code == 401
            assert (await client.get(address, headers=READ)).status_code == 200

    async def test_is_never_open_to_others_without_a_token(self, surroundings: Callable[..., Surroundings]) -> None:
        open_to_all = surroundings(ALLMENDE_METRICS_PORT="0", ALLMENDE_METRICS_HOST="0.0.0.0")
        with pytest.raises(WrongSetting, match="ALLMENDE_METRICS_TOKEN"):
            await metrics_served(open_to_all).__aenter__()

    async def test_a_port_that_is_taken_is_named(
        self, surroundings: Callable[..., Surroundings], capsys: pytest.CaptureFixture[str]
    ) -> None:
        async with metrics_served(surroundings(ALLMENDE_METRICS_PORT="0")):
            port = re.findall(r":(\d+)/", await said(capsys))[0]
            with pytest.raises(WrongSetting, match="ALLMENDE_METRICS_PORT"):
                await metrics_served(surroundings(ALLMENDE_METRICS_PORT=port)).__aenter__()


async def said(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the address that a process says it shows its metrics at."""
    for _try in range(200):
        found = re.findall(r"http://\S+/metrics", capsys.readouterr().err)
        if found:
            return str(found[0])
        await asyncio.sleep(0.02)
    raise AssertionError("no address was said")
