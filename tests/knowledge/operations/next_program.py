"""The program as it will be one migration later, so that today's data can be seen to survive it."""

import shutil
from pathlib import Path

import pytest

from knowledge.kit import migrations, settings
from knowledge.kit.schema_version import SCHEMA_VERSION
from knowledge.operations import migrating

NEXT_VERSION = "2099_01_01_next"
# Rebuilding the table that others refer to is what SQLite makes dangerous.
NEXT_MIGRATION = f'''"""Documents get a colour."""

import sqlalchemy as sa
from alembic import op

revision = "{NEXT_VERSION}"
down_revision = "{SCHEMA_VERSION}"
branch_labels = depends_on = None


def upgrade() -> None:
    """Take the step."""
    recreate = "always" if op.get_bind().dialect.name == "sqlite" else "auto"
    with op.batch_alter_table("documents", recreate=recreate) as table:
        table.add_column(sa.Column("colour", sa.String(20), nullable=False, server_default="green"))


def downgrade() -> None:
    """Take the step back."""
    with op.batch_alter_table("documents") as table:
        table.drop_column("colour")
'''


def become_next_program(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the migrations be those of the next version, from a copy in ``folder``."""
    project = folder / "next"
    shutil.copytree(settings.PROJECT / "migrations", project / "migrations")
    shutil.copy(settings.PROJECT / "alembic.ini", project)
    (project / "migrations" / "versions" / "2099-01-01-next.py").write_text(NEXT_MIGRATION, encoding="utf-8")
    monkeypatch.setattr(migrations, "PROJECT", project)
    monkeypatch.setattr(migrating, "PROJECT", project)
