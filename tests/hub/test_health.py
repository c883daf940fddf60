"""What proxies, containers and monitoring systems ask the hub."""

from tests.hub.signed_in import Hub


class TestHealth:
    async def test_a_hub_lives_and_is_ready(self, hub: Hub) -> None:
        async with hub.browser() as browser:
            live, ready = [await browser.get(f"/health/{name}") for name in ("live", "ready")]
        assert (live.status_code, live.json()) == (200, {"status": "alive"})
        assert (ready.status_code, ready.json()) == (200, {"status": "ready"})
        assert ready.headers["cache-control"] == "no-store"

    async def test_with_the_tables_of_another_version_it_lives_and_is_not_ready(self, hub: Hub) -> None:
        async with hub.writing() as unit:
            connection = await unit.session.connection()
            await connection.exec_driver_sql("UPDATE alembic_version SET version_num = '2099_later'")
        async with hub.browser() as browser:
            live, ready = [await browser.get(f"/health/{name}") for name in ("live", "ready")]
        assert live.status_code == 200
        assert (ready.status_code, ready.json()) == (503, {"status": "not ready", "part": "database"})
