"""Chats, circles, exchanges, messages on their way, and how people come to belong."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_21_chat"
down_revision: str | None = "2026_11_21_library"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Take the step."""

    op.create_table(
        "chat_cursors",
        sa.Column("account", sa.String(length=275), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_chat_cursors")),
    )
    op.create_table(
        "erasures",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_erasures")),
    )
    op.create_table(
        "incoming_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("network", sa.String(length=40), nullable=False),
        sa.Column("event", sa.String(length=255), nullable=False),
        sa.Column("payload", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incoming_events")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("incoming_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incoming_events_handled_at"), ["handled_at"], unique=False)
        batch_op.create_index("ix_incoming_events_network_event", ["network", "event"], unique=True)

    op.create_table(
        "mail_domains",
        sa.Column("domain", sa.String(length=253), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_mail_domains_organisation_id_organisations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_mail_domains")),
    )
    op.create_table(
        "chat_identities",
        sa.Column("network", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("introduced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_chat_identities_member_id_members"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["organisations.id"],
            name=op.f("fk_chat_identities_organisation_id_organisations"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_identities")),
    )
    with op.batch_alter_table("chat_identities", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_chat_identities_member_id"), ["member_id"], unique=False)
        batch_op.create_index("ix_chat_identities_network_address", ["network", "address"], unique=True)

    op.create_table(
        "votes",
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("voter", sa.String(length=64), nullable=True),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answers.id"], name=op.f("fk_votes_answer_id_answers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_votes")),
        sa.UniqueConstraint("answer_id", "voter", name=op.f("uq_votes_answer_id_voter")),
    )
    op.create_table(
        "chats",
        sa.Column("network", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("introduced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("newcomers_told_on", sa.Date(), nullable=True),
        sa.Column("outage_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["chat_identities.id"],
            name=op.f("fk_chats_identity_id_chat_identities"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chats")),
    )
    with op.batch_alter_table("chats", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_chats_identity_id"), ["identity_id"], unique=False)
        batch_op.create_index("ix_chats_network_address", ["network", "address"], unique=True)

    op.create_table(
        "circles",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("search_name", sa.String(length=400), nullable=False),
        sa.Column("chat_id", sa.Uuid(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=True),
        sa.Column("topics", sa.JSON(), nullable=False),
        sa.Column("vouched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("vouched_by", sa.Uuid(), nullable=True),
        sa.Column("recognises_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_circles_chat_id_chats"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["vouched_by"], ["members.id"], name=op.f("fk_circles_vouched_by_members"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circles")),
        sa.UniqueConstraint("chat_id", name=op.f("uq_circles_chat_id")),
        sa.UniqueConstraint("search_name", name=op.f("uq_circles_search_name")),
    )
    op.create_table(
        "dialogues",
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("chat_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("step", sa.String(length=40), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_dialogues_chat_id_chats"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["chat_identities.id"],
            name=op.f("fk_dialogues_identity_id_chat_identities"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dialogues")),
        sa.UniqueConstraint("identity_id", "chat_id", "name", name=op.f("uq_dialogues_identity_id_chat_id_name")),
    )
    with op.batch_alter_table("dialogues", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dialogues_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "exchanges",
        sa.Column("chat_id", sa.Uuid(), nullable=False),
        sa.Column("thread", sa.String(length=255), nullable=True),
        sa.Column("question_event", sa.String(length=255), nullable=False),
        sa.Column("asker_id", sa.Uuid(), nullable=True),
        sa.Column("question_id", sa.Uuid(), nullable=True),
        sa.Column("answer_id", sa.Uuid(), nullable=True),
        sa.Column("follows_id", sa.Uuid(), nullable=True),
        sa.Column("vote_salt", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answers.id"], name=op.f("fk_exchanges_answer_id_answers"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["asker_id"],
            ["chat_identities.id"],
            name=op.f("fk_exchanges_asker_id_chat_identities"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_exchanges_chat_id_chats"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["follows_id"], ["exchanges.id"], name=op.f("fk_exchanges_follows_id_exchanges"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_exchanges_question_id_questions"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchanges")),
    )
    with op.batch_alter_table("exchanges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_exchanges_answer_id"), ["answer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_exchanges_asker_id"), ["asker_id"], unique=False)
        batch_op.create_index("ix_exchanges_chat_question_event", ["chat_id", "question_event"], unique=False)
        batch_op.create_index("ix_exchanges_chat_thread", ["chat_id", "thread", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_exchanges_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_exchanges_question_id"), ["question_id"], unique=False)

    op.create_table(
        "watches",
        sa.Column("question_id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("chat_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_watches_chat_id_chats"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["chat_identities.id"],
            name=op.f("fk_watches_identity_id_chat_identities"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_watches_question_id_questions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_watches")),
        sa.UniqueConstraint("question_id", "identity_id", name=op.f("uq_watches_question_id_identity_id")),
    )
    with op.batch_alter_table("watches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_watches_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "invitations",
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("circle_id", sa.Uuid(), nullable=True),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["circle_id"], ["circles.id"], name=op.f("fk_invitations_circle_id_circles"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["chat_identities.id"],
            name=op.f("fk_invitations_identity_id_chat_identities"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_invitations_member_id_members"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_invitations_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitations")),
        sa.UniqueConstraint("digest", name=op.f("uq_invitations_digest")),
    )
    op.create_table(
        "outgoing_messages",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("network", sa.String(length=40), nullable=False),
        sa.Column("chat", sa.String(length=255), nullable=False),
        sa.Column("payload", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("exchange_id", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["exchange_id"],
            ["exchanges.id"],
            name=op.f("fk_outgoing_messages_exchange_id_exchanges"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_messages")),
        sa.UniqueConstraint("key", name=op.f("uq_outgoing_messages_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("outgoing_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outgoing_messages_exchange_id"), ["exchange_id"], unique=False)
        batch_op.create_index(
            "ix_outgoing_messages_state_network_chat", ["state", "network", "chat", "id"], unique=False
        )

    op.create_table(
        "sent_messages",
        sa.Column("network", sa.String(length=40), nullable=False),
        sa.Column("event", sa.String(length=319), nullable=False),
        sa.Column("chat_id", sa.Uuid(), nullable=False),
        sa.Column("exchange_id", sa.Uuid(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chats.id"], name=op.f("fk_sent_messages_chat_id_chats"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["exchange_id"], ["exchanges.id"], name=op.f("fk_sent_messages_exchange_id_exchanges"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("network", "event", name=op.f("pk_sent_messages")),
    )
    with op.batch_alter_table("sent_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sent_messages_exchange_id"), ["exchange_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sent_messages_expires_at"), ["expires_at"], unique=False)

    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("circle_id", sa.Uuid(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_documents_circle_id_circles"), "circles", ["circle_id"], ["id"])


def downgrade() -> None:
    """Take the step back."""

    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_documents_circle_id_circles"), type_="foreignkey")
        batch_op.drop_column("circle_id")

    with op.batch_alter_table("sent_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sent_messages_expires_at"))
        batch_op.drop_index(batch_op.f("ix_sent_messages_exchange_id"))

    op.drop_table("sent_messages")
    with op.batch_alter_table("outgoing_messages", schema=None) as batch_op:
        batch_op.drop_index("ix_outgoing_messages_state_network_chat")
        batch_op.drop_index(batch_op.f("ix_outgoing_messages_exchange_id"))

    op.drop_table("outgoing_messages")
    op.drop_table("invitations")
    with op.batch_alter_table("watches", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_watches_expires_at"))

    op.drop_table("watches")
    with op.batch_alter_table("exchanges", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exchanges_question_id"))
        batch_op.drop_index(batch_op.f("ix_exchanges_expires_at"))
        batch_op.drop_index("ix_exchanges_chat_thread")
        batch_op.drop_index("ix_exchanges_chat_question_event")
        batch_op.drop_index(batch_op.f("ix_exchanges_asker_id"))
        batch_op.drop_index(batch_op.f("ix_exchanges_answer_id"))

    op.drop_table("exchanges")
    with op.batch_alter_table("dialogues", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dialogues_expires_at"))

    op.drop_table("dialogues")
    op.drop_table("circles")
    with op.batch_alter_table("chats", schema=None) as batch_op:
        batch_op.drop_index("ix_chats_network_address")
        batch_op.drop_index(batch_op.f("ix_chats_identity_id"))

    op.drop_table("chats")
    op.drop_table("votes")
    with op.batch_alter_table("chat_identities", schema=None) as batch_op:
        batch_op.drop_index("ix_chat_identities_network_address")
        batch_op.drop_index(batch_op.f("ix_chat_identities_member_id"))

    op.drop_table("chat_identities")
    op.drop_table("mail_domains")
    with op.batch_alter_table("incoming_events", schema=None) as batch_op:
        batch_op.drop_index("ix_incoming_events_network_event")
        batch_op.drop_index(batch_op.f("ix_incoming_events_handled_at"))

    op.drop_table("incoming_events")
    op.drop_table("erasures")
    op.drop_table("chat_cursors")
