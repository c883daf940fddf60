"""Web chat, access for programs, sign-in by a directory, figures, reports of pages, the change log of the indexes."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_22_opening"
down_revision: str | None = "2026_11_21_trainings"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Take the step."""

    op.create_table(
        "figure_bounds",
        sa.Column("series", sa.String(length=40), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("series", "month", "part", name=op.f("pk_figure_bounds")),
    )
    op.create_table(
        "figures",
        sa.Column("series", sa.String(length=40), nullable=False),
        sa.Column("scope", sa.String(length=36), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("counted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figures")),
        sa.UniqueConstraint("series", "scope", "first", name=op.f("uq_figures_series_scope_first")),
    )
    op.create_table(
        "index_changes",
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document", sa.Uuid(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("moment", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_index_changes")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("index_changes", schema=None) as batch_op:
        batch_op.create_index("ix_index_changes_document", ["document"], unique=False)
        batch_op.create_index("ix_index_changes_transaction_id_number", ["transaction_id", "number"], unique=False)

    op.create_table(
        "page_reports",
        sa.Column("number", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("contact", sa.String(length=320), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_page_reports")),
    )
    with op.batch_alter_table("page_reports", schema=None) as batch_op:
        batch_op.create_index("ix_page_reports_done_at_created_at", ["done_at", "created_at"], unique=False)

    op.create_table(
        "directory_providers",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=False),
        sa.Column("client_secret", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("admits", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("mail_domains", sa.Text(), server_default="", nullable=False),
        sa.Column("claim", sa.String(length=120), server_default="", nullable=False),
        sa.Column("claim_value", sa.String(length=200), server_default="", nullable=False),
        sa.Column("counts_second_factor", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("acr_values", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_directory_providers_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_providers")),
    )
    with op.batch_alter_table("directory_providers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_directory_providers_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "api_tokens",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("hint", sa.String(length=20), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("second_factor", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["made_by"], ["members.id"], name=op.f("fk_api_tokens_made_by_members"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_api_tokens_member_id_members"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_api_tokens_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_api_tokens_digest")),
    )
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_tokens_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_api_tokens_made_by"), ["made_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_api_tokens_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_api_tokens_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "directory_links",
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_directory_links_member_id_members"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["provider_id"],
            ["directory_providers.id"],
            name=op.f("fk_directory_links_provider_id_directory_providers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_directory_links")),
        sa.UniqueConstraint("provider_id", "digest", name=op.f("uq_directory_links_provider_id_digest")),
        sa.UniqueConstraint("provider_id", "member_id", name=op.f("uq_directory_links_provider_id_member_id")),
    )
    with op.batch_alter_table("directory_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_directory_links_member_id"), ["member_id"], unique=False)

    op.create_table(
        "api_requests",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("request", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_id"], ["api_tokens.id"], name=op.f("fk_api_requests_token_id_api_tokens"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_api_requests")),
    )
    with op.batch_alter_table("api_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_requests_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_api_requests_token_id"), ["token_id"], unique=False)

    op.create_table(
        "web_conversations",
        sa.Column("chat_id", sa.Uuid(), nullable=False),
        sa.Column("visitor", sa.Boolean(), nullable=False),
        sa.Column("spoken_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.id"], name=op.f("fk_web_conversations_chat_id_chats"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chat_id", name=op.f("pk_web_conversations")),
    )
    with op.batch_alter_table("web_conversations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_web_conversations_spoken_at"), ["spoken_at"], unique=False)

    op.create_table(
        "web_messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("chat_id", sa.Uuid(), nullable=False),
        sa.Column("direction", sa.String(length=40), nullable=False),
        sa.Column("blocks", sa.JSON(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("pressed", sa.String(length=40), nullable=True),
        sa.Column("automatic", sa.Boolean(), nullable=False),
        sa.Column("file", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"],
            ["web_conversations.chat_id"],
            name=op.f("fk_web_messages_chat_id_web_conversations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_messages")),
        sa.UniqueConstraint("key", name=op.f("uq_web_messages_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("web_messages", schema=None) as batch_op:
        batch_op.create_index("ix_web_messages_chat", ["chat_id", "id"], unique=False)

    op.create_table(
        "web_files",
        sa.Column("message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("picture", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["web_messages.id"], name=op.f("fk_web_files_message_id_web_messages"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_web_files")),
    )
    with op.batch_alter_table("web_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_web_files_created_at"), ["created_at"], unique=False)


def downgrade() -> None:
    """Take the step back."""

    with op.batch_alter_table("web_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_web_files_created_at"))

    op.drop_table("web_files")
    with op.batch_alter_table("web_messages", schema=None) as batch_op:
        batch_op.drop_index("ix_web_messages_chat")

    op.drop_table("web_messages")
    with op.batch_alter_table("web_conversations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_web_conversations_spoken_at"))

    op.drop_table("web_conversations")
    with op.batch_alter_table("api_requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_requests_token_id"))
        batch_op.drop_index(batch_op.f("ix_api_requests_created_at"))

    op.drop_table("api_requests")
    with op.batch_alter_table("directory_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_directory_links_member_id"))

    op.drop_table("directory_links")
    with op.batch_alter_table("api_tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_tokens_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_api_tokens_member_id"))
        batch_op.drop_index(batch_op.f("ix_api_tokens_made_by"))
        batch_op.drop_index(batch_op.f("ix_api_tokens_expires_at"))

    op.drop_table("api_tokens")
    with op.batch_alter_table("directory_providers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_directory_providers_organisation_id"))

    op.drop_table("directory_providers")
    with op.batch_alter_table("page_reports", schema=None) as batch_op:
        batch_op.drop_index("ix_page_reports_done_at_created_at")

    op.drop_table("page_reports")
    with op.batch_alter_table("index_changes", schema=None) as batch_op:
        batch_op.drop_index("ix_index_changes_transaction_id_number")
        batch_op.drop_index("ix_index_changes_document")

    op.drop_table("index_changes")
    op.drop_table("figures")
    op.drop_table("figure_bounds")
