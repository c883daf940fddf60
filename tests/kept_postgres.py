"""One PostgreSQL database for test after test: putting its rows back takes a tenth of the time of cloning another.

What a test changed in the schema, and connections that it left open, are noticed and gone, too.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BytesIO

import asyncpg
import pytest
from sqlalchemy.engine import make_url

from tests.postgres import PostgresTemplate, in_own_loop

# Rows that are deleted stay in the files, which grow; a clone in between costs little.
MOST_USES = 50
TABLES = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
SEQUENCES = "SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"
# Whatever is made gets a higher number, whatever goes is missing, and whatever is renamed has another name.
SHAPE = """SELECT concat_ws(' ',
    (SELECT count(*) || '/' || max(oid::bigint) || md5(string_agg(relname, ' ' ORDER BY oid)) FROM pg_class),
    (SELECT count(*) || '/' || max(oid::bigint) FROM pg_constraint),
    (SELECT count(*) || '/' || max(oid::bigint) FROM pg_trigger),
    (SELECT count(*) || '/' || max(oid::bigint) FROM pg_proc),
    (SELECT md5(string_agg(concat_ws(' ', attrelid, attname, atttypid, attnotnull), ',' ORDER BY attrelid, attnum))
        FROM pg_attribute WHERE NOT attisdropped))"""
OTHERS_END = """SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a database: its shape, a script that takes the rows away, and those that were there by table."""

    shape: str
    clear: str
    rows: dict[str, bytes]

    @classmethod
    async def read(cls, connection: "asyncpg.Connection[asyncpg.Record]") -> "Content":
        """Read a database."""
        tables = [row[0] for row in await connection.fetch(TABLES)]
        clear = ["SET session_replication_role = replica", *(f"DELETE FROM {table}" for table in tables)]
        for (name,) in await connection.fetch(SEQUENCES):
            last, is_called = await connection.fetchrow(f"SELECT last_value, is_called FROM {name}")
            clear.append(f"SELECT setval('{name}', {last}, {is_called})")
        rows = {}
        for table in tables:
            if await connection.fetchval(f"SELECT EXISTS (SELECT 1 FROM {table})"):
                kept = BytesIO()
                await connection.copy_from_table(table, output=kept, format="binary")
                rows[table] = kept.getvalue()
        return cls(await connection.fetchval(SHAPE), "; ".join(clear), rows)

    async def put_back(self, connection: "asyncpg.Connection[asyncpg.Record]") -> bool:
        """Make a database what it was; returns ``False`` where that cannot be done, as its shape is another."""
        await connection.execute(OTHERS_END)
        if await connection.fetchval(SHAPE) != self.shape:
            return False
        await connection.execute(self.clear)
        for table, rows in self.rows.items():
            await connection.copy_to_table(table, source=BytesIO(rows), format="binary")
        return True


class KeptPostgres:
    """A migrated database that is lent to one test after the other."""

    def __init__(self, template: PostgresTemplate) -> None:
        self._template = template
        self._stack = ExitStack()
        self._url = ""
        self._uses = 0
        self._content: Content | None = None

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Give the address of a database as the migrations leave it; what is done there is undone at the end."""
        if not self._url:
            self._url = self._stack.enter_context(self._template.clone())
            self._content, self._uses = in_own_loop(self._read()), 0
        self._uses += 1
        try:
            yield self._url
        finally:
            if self._uses >= MOST_USES or not in_own_loop(self._put_back()):
                self.close()

    def close(self) -> None:
        """Drop it; the next test gets another one."""
        self._url = ""
        self._stack.close()

    async def _connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        dsn = make_url(self._url).set(drivername="postgresql").render_as_string(hide_password=False)
        return await asyncpg.connect(dsn)

    async def _read(self) -> Content:
        connection = await self._connect()
        try:
            return await Content.read(connection)
        finally:
            await connection.close()

    async def _put_back(self) -> bool:
        if self._content is None:
            return False
        connection = await self._connect()
        try:
            return await self._content.put_back(connection)
        except asyncpg.PostgresError:  # a server that somebody else runs may not let us
            return False
        finally:
            await connection.close()


@pytest.fixture(scope="session")
def kept_postgres(postgres_template: PostgresTemplate) -> Iterator[KeptPostgres]:
    """A migrated database for test after test."""
    kept = KeptPostgres(postgres_template)
    try:
        yield kept
    finally:
        kept.close()
