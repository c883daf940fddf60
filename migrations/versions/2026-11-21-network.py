"""Topics, open questions, gaps, peers, handovers, digests, and mail as a way to people."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_21_network"
down_revision: str | None = "2026_11_21_hub"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Take the step."""

    op.create_table(
        "topics",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("name_de", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["topics.id"], name=op.f("fk_topics_parent_id_topics")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
        sa.UniqueConstraint("key", name=op.f("uq_topics_key")),
    )
    with op.batch_alter_table("topics", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_topics_parent_id"), ["parent_id"], unique=False)

    op.create_table(
        "topic_words",
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("word", sa.String(length=120), nullable=False),
        sa.Column("folded", sa.String(length=360), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topics.id"], name=op.f("fk_topic_words_topic_id_topics"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_words")),
        sa.UniqueConstraint("topic_id", "folded", name=op.f("uq_topic_words_topic_id_folded")),
    )
    with op.batch_alter_table("topic_words", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_topic_words_folded"), ["folded"], unique=False)

    op.create_table(
        "blocks",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("blocked_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("by_contact", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["blocked_id"], ["members.id"], name=op.f("fk_blocks_blocked_id_members"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_blocks_member_id_members"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", "blocked_id", name=op.f("pk_blocks")),
        sa.UniqueConstraint("key", name=op.f("uq_blocks_key")),
    )
    with op.batch_alter_table("blocks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_blocks_blocked_id"), ["blocked_id"], unique=False)

    op.create_table(
        "handovers",
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("successor_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_handovers_member_id_members"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_handovers_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["successor_id"], ["members.id"], name=op.f("fk_handovers_successor_id_members"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handovers")),
    )
    with op.batch_alter_table("handovers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_handovers_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handovers_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_handovers_successor_id"), ["successor_id"], unique=False)

    op.create_table(
        "member_topics",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.Column("stance", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_member_topics_member_id_members"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topics.id"], name=op.f("fk_member_topics_topic_id_topics"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", "topic_id", "stance", name=op.f("pk_member_topics")),
    )
    with op.batch_alter_table("member_topics", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_member_topics_topic_id"), ["topic_id"], unique=False)

    op.create_table(
        "contact_requests",
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("from_member_id", sa.Uuid(), nullable=True),
        sa.Column("from_identity_id", sa.Uuid(), nullable=True),
        sa.Column("to_member_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("topic_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("passed_to_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["from_identity_id"],
            ["chat_identities.id"],
            name=op.f("fk_contact_requests_from_identity_id_chat_identities"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["from_member_id"],
            ["members.id"],
            name=op.f("fk_contact_requests_from_member_id_members"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_contact_requests_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["passed_to_id"],
            ["contact_requests.id"],
            name=op.f("fk_contact_requests_passed_to_id_contact_requests"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["to_member_id"], ["members.id"], name=op.f("fk_contact_requests_to_member_id_members"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topics.id"], name=op.f("fk_contact_requests_topic_id_topics"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_requests")),
    )
    with op.batch_alter_table("contact_requests", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contact_requests_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_requests_from_member_id"), ["from_member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_requests_passed_to_id"), ["passed_to_id"], unique=False)
        batch_op.create_index("ix_contact_requests_state_created_at", ["state", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_requests_to_member_id"), ["to_member_id"], unique=False)

    op.create_table(
        "mail_subscriptions",
        sa.Column("identity_id", sa.Uuid(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("preferred", sa.Boolean(), nullable=False),
        sa.Column("answers", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("reminders", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("digests", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("unsubscribed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bounces", sa.Integer(), nullable=False),
        sa.Column("last_bounce_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("bounced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["chat_identities.id"],
            name=op.f("fk_mail_subscriptions_identity_id_chat_identities"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("identity_id", name=op.f("pk_mail_subscriptions")),
    )
    op.create_table(
        "digests",
        sa.Column("circle_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["circle_id"], ["circles.id"], name=op.f("fk_digests_circle_id_circles"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_digests_member_id_members"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_digests")),
        sa.UniqueConstraint("circle_id", "due_at", name=op.f("uq_digests_circle_id_due_at")),
        sa.UniqueConstraint("member_id", "due_at", name=op.f("uq_digests_member_id_due_at")),
    )
    with op.batch_alter_table("digests", schema=None) as batch_op:
        batch_op.create_index("ix_digests_state_due_at", ["state", "due_at"], unique=False)

    op.create_table(
        "document_topics",
        sa.Column("document_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_document_topics_document_id_documents"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topics.id"], name=op.f("fk_document_topics_topic_id_topics"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("document_id", "topic_id", name=op.f("pk_document_topics")),
    )
    with op.batch_alter_table("document_topics", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_topics_topic_id"), ["topic_id"], unique=False)

    op.create_table(
        "gaps",
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=True),
        sa.Column("askers", sa.Integer(), nullable=False),
        sa.Column("asked_before", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["members.id"], name=op.f("fk_gaps_decided_by_members"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_gaps_document_id_documents"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gaps")),
    )
    with op.batch_alter_table("gaps", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gaps_document_id"), ["document_id"], unique=False)
        batch_op.create_index("ix_gaps_state_updated_at", ["state", "updated_at"], unique=False)

    op.create_table(
        "open_questions",
        sa.Column("question_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("released_as", sa.String(length=40), nullable=False),
        sa.Column("described_as", sa.Text(), nullable=True),
        sa.Column("visibility", sa.String(length=40), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("vector", sa.LargeBinary(), nullable=True),
        sa.Column("model", sa.String(length=200), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("news_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("routed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("overdue_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_open_questions_document_id_documents"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["chat_identities.id"],
            name=op.f("fk_open_questions_identity_id_chat_identities"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_open_questions_member_id_members"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_open_questions_organisation_id_organisations")
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_open_questions_question_id_questions"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_questions")),
    )
    with op.batch_alter_table("open_questions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_open_questions_document_id"), ["document_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_open_questions_identity_id"), ["identity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_open_questions_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_open_questions_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_open_questions_question_id"), ["question_id"], unique=False)
        batch_op.create_index("ix_open_questions_state_created_at", ["state", "created_at"], unique=False)

    op.create_table(
        "gap_questions",
        sa.Column("gap_id", sa.Uuid(), nullable=False),
        sa.Column("question_id", sa.Uuid(), nullable=True),
        sa.Column("open_question_id", sa.Uuid(), nullable=True),
        sa.Column("asker", sa.String(length=64), nullable=True),
        sa.Column("vector", sa.LargeBinary(), nullable=True),
        sa.Column("model", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["gap_id"], ["gaps.id"], name=op.f("fk_gap_questions_gap_id_gaps"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["open_question_id"],
            ["open_questions.id"],
            name=op.f("fk_gap_questions_open_question_id_open_questions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["question_id"], ["questions.id"], name=op.f("fk_gap_questions_question_id_questions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gap_questions")),
        sa.UniqueConstraint("open_question_id", name=op.f("uq_gap_questions_open_question_id")),
        sa.UniqueConstraint("question_id", name=op.f("uq_gap_questions_question_id")),
    )
    with op.batch_alter_table("gap_questions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gap_questions_gap_id"), ["gap_id"], unique=False)

    op.create_table(
        "gap_topics",
        sa.Column("gap_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["gap_id"], ["gaps.id"], name=op.f("fk_gap_topics_gap_id_gaps"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topics.id"], name=op.f("fk_gap_topics_topic_id_topics"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("gap_id", "topic_id", name=op.f("pk_gap_topics")),
    )
    with op.batch_alter_table("gap_topics", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gap_topics_topic_id"), ["topic_id"], unique=False)

    op.create_table(
        "open_answers",
        sa.Column("open_question_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("answered_as", sa.String(length=40), nullable=False),
        sa.Column("described_as", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("helped", sa.Boolean(), nullable=True),
        sa.Column("thanked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("contribution_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["contribution_id"],
            ["contributions.id"],
            name=op.f("fk_open_answers_contribution_id_contributions"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["chat_identities.id"],
            name=op.f("fk_open_answers_identity_id_chat_identities"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_open_answers_member_id_members"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["open_question_id"],
            ["open_questions.id"],
            name=op.f("fk_open_answers_open_question_id_open_questions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_open_answers_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_answers")),
    )
    with op.batch_alter_table("open_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_open_answers_contribution_id"), ["contribution_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_open_answers_identity_id"), ["identity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_open_answers_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_open_answers_open_question_id"), ["open_question_id"], unique=False)

    op.create_table(
        "open_question_followers",
        sa.Column("open_question_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["chat_identities.id"],
            name=op.f("fk_open_question_followers_identity_id_chat_identities"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_open_question_followers_member_id_members"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["open_question_id"],
            ["open_questions.id"],
            name=op.f("fk_open_question_followers_open_question_id_open_questions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_question_followers")),
        sa.UniqueConstraint(
            "open_question_id", "member_id", name=op.f("uq_open_question_followers_open_question_id_member_id")
        ),
    )
    with op.batch_alter_table("open_question_followers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_open_question_followers_identity_id"), ["identity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_open_question_followers_member_id"), ["member_id"], unique=False)

    op.create_table(
        "open_question_routes",
        sa.Column("open_question_id", sa.Uuid(), nullable=False),
        sa.Column("circle_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("topic_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("by_digest", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["circle_id"], ["circles.id"], name=op.f("fk_open_question_routes_circle_id_circles"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_open_question_routes_member_id_members"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["open_question_id"],
            ["open_questions.id"],
            name=op.f("fk_open_question_routes_open_question_id_open_questions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topics.id"], name=op.f("fk_open_question_routes_topic_id_topics"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_question_routes")),
        sa.UniqueConstraint(
            "open_question_id", "circle_id", name=op.f("uq_open_question_routes_open_question_id_circle_id")
        ),
        sa.UniqueConstraint(
            "open_question_id", "member_id", name=op.f("uq_open_question_routes_open_question_id_member_id")
        ),
    )
    with op.batch_alter_table("open_question_routes", schema=None) as batch_op:
        batch_op.create_index("ix_open_question_routes_circle_created_at", ["circle_id", "created_at"], unique=False)
        batch_op.create_index("ix_open_question_routes_created_at", ["created_at"], unique=False)
        batch_op.create_index("ix_open_question_routes_member_created_at", ["member_id", "created_at"], unique=False)

    op.create_table(
        "open_question_told",
        sa.Column("open_question_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_open_question_told_member_id_members"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["open_question_id"],
            ["open_questions.id"],
            name=op.f("fk_open_question_told_open_question_id_open_questions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("open_question_id", "member_id", name=op.f("pk_open_question_told")),
    )
    with op.batch_alter_table("open_question_told", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_open_question_told_member_id"), ["member_id"], unique=False)

    op.create_table(
        "open_question_topics",
        sa.Column("open_question_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["open_question_id"],
            ["open_questions.id"],
            name=op.f("fk_open_question_topics_open_question_id_open_questions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topics.id"], name=op.f("fk_open_question_topics_topic_id_topics"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("open_question_id", "topic_id", name=op.f("pk_open_question_topics")),
    )
    with op.batch_alter_table("open_question_topics", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_open_question_topics_topic_id"), ["topic_id"], unique=False)

    op.create_table(
        "open_answer_messages",
        sa.Column("open_answer_id", sa.Uuid(), nullable=False),
        sa.Column("from_asker", sa.Boolean(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_open_answer_messages_member_id_members"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["open_answer_id"],
            ["open_answers.id"],
            name=op.f("fk_open_answer_messages_open_answer_id_open_answers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_answer_messages")),
    )
    with op.batch_alter_table("open_answer_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_open_answer_messages_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_open_answer_messages_open_answer_id"), ["open_answer_id"], unique=False)

    op.create_table(
        "network_reports",
        sa.Column("open_question_id", sa.Uuid(), nullable=True),
        sa.Column("open_answer_id", sa.Uuid(), nullable=True),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("contact_request_id", sa.Uuid(), nullable=True),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["closed_by"], ["members.id"], name=op.f("fk_network_reports_closed_by_members"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["contact_request_id"],
            ["contact_requests.id"],
            name=op.f("fk_network_reports_contact_request_id_contact_requests"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_network_reports_member_id_members"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["open_answer_messages.id"],
            name=op.f("fk_network_reports_message_id_open_answer_messages"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["open_answer_id"],
            ["open_answers.id"],
            name=op.f("fk_network_reports_open_answer_id_open_answers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["open_question_id"],
            ["open_questions.id"],
            name=op.f("fk_network_reports_open_question_id_open_questions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_network_reports")),
    )
    with op.batch_alter_table("network_reports", schema=None) as batch_op:
        batch_op.create_index("ix_network_reports_closed_at_created_at", ["closed_at", "created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_network_reports_contact_request_id"), ["contact_request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_network_reports_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_network_reports_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_network_reports_open_answer_id"), ["open_answer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_network_reports_open_question_id"), ["open_question_id"], unique=False)

    with op.batch_alter_table("circles", schema=None) as batch_op:
        batch_op.add_column(sa.Column("digest_day", sa.Integer(), server_default="0", nullable=True))
        batch_op.add_column(sa.Column("digest_hour", sa.Integer(), server_default="8", nullable=False))

    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("review_asked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("steward_id", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("handover_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_documents_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_documents_handover_id"), ["handover_id"], unique=False)
        batch_op.create_index(
            "ix_documents_organisation_kind", ["organisation_id", "kind", "status", "access"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_documents_steward_id"), ["steward_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_documents_steward_id_members"), "members", ["steward_id"], ["id"], ondelete="SET NULL"
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_documents_handover_id_handovers"), "handovers", ["handover_id"], ["id"], ondelete="SET NULL"
        )

    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.add_column(sa.Column("findable", sa.String(length=40), server_default="off", nullable=False))
        batch_op.add_column(sa.Column("languages", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("digest_day", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("digest_hour", sa.Integer(), server_default="8", nullable=False))
        batch_op.add_column(sa.Column("asked_unused_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.add_column(sa.Column("circle_id", sa.Uuid(), nullable=True))
        batch_op.create_index(batch_op.f("ix_notices_circle_id"), ["circle_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_notices_circle_id_circles"), "circles", ["circle_id"], ["id"], ondelete="CASCADE"
        )


def downgrade() -> None:
    """Take the step back."""

    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_notices_circle_id_circles"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_notices_circle_id"))
        batch_op.drop_column("circle_id")

    with op.batch_alter_table("members", schema=None) as batch_op:
        batch_op.drop_column("asked_unused_at")
        batch_op.drop_column("digest_hour")
        batch_op.drop_column("digest_day")
        batch_op.drop_column("languages")
        batch_op.drop_column("findable")

    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_documents_handover_id_handovers"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_documents_steward_id_members"), type_="foreignkey")
        batch_op.drop_index(batch_op.f("ix_documents_steward_id"))
        batch_op.drop_index("ix_documents_organisation_kind")
        batch_op.drop_index(batch_op.f("ix_documents_handover_id"))
        batch_op.drop_index(batch_op.f("ix_documents_created_at"))
        batch_op.drop_column("handover_id")
        batch_op.drop_column("steward_id")
        batch_op.drop_column("review_asked_at")

    with op.batch_alter_table("circles", schema=None) as batch_op:
        batch_op.drop_column("digest_hour")
        batch_op.drop_column("digest_day")

    with op.batch_alter_table("network_reports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_network_reports_open_question_id"))
        batch_op.drop_index(batch_op.f("ix_network_reports_open_answer_id"))
        batch_op.drop_index(batch_op.f("ix_network_reports_message_id"))
        batch_op.drop_index(batch_op.f("ix_network_reports_member_id"))
        batch_op.drop_index(batch_op.f("ix_network_reports_contact_request_id"))
        batch_op.drop_index("ix_network_reports_closed_at_created_at")

    op.drop_table("network_reports")
    with op.batch_alter_table("open_answer_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_open_answer_messages_open_answer_id"))
        batch_op.drop_index(batch_op.f("ix_open_answer_messages_member_id"))

    op.drop_table("open_answer_messages")
    with op.batch_alter_table("open_question_topics", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_open_question_topics_topic_id"))

    op.drop_table("open_question_topics")
    with op.batch_alter_table("open_question_told", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_open_question_told_member_id"))

    op.drop_table("open_question_told")
    with op.batch_alter_table("open_question_routes", schema=None) as batch_op:
        batch_op.drop_index("ix_open_question_routes_member_created_at")
        batch_op.drop_index("ix_open_question_routes_created_at")
        batch_op.drop_index("ix_open_question_routes_circle_created_at")

    op.drop_table("open_question_routes")
    with op.batch_alter_table("open_question_followers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_open_question_followers_member_id"))
        batch_op.drop_index(batch_op.f("ix_open_question_followers_identity_id"))

    op.drop_table("open_question_followers")
    with op.batch_alter_table("open_answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_open_answers_open_question_id"))
        batch_op.drop_index(batch_op.f("ix_open_answers_member_id"))
        batch_op.drop_index(batch_op.f("ix_open_answers_identity_id"))
        batch_op.drop_index(batch_op.f("ix_open_answers_contribution_id"))

    op.drop_table("open_answers")
    with op.batch_alter_table("gap_topics", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_gap_topics_topic_id"))

    op.drop_table("gap_topics")
    with op.batch_alter_table("gap_questions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_gap_questions_gap_id"))

    op.drop_table("gap_questions")
    with op.batch_alter_table("open_questions", schema=None) as batch_op:
        batch_op.drop_index("ix_open_questions_state_created_at")
        batch_op.drop_index(batch_op.f("ix_open_questions_question_id"))
        batch_op.drop_index(batch_op.f("ix_open_questions_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_open_questions_member_id"))
        batch_op.drop_index(batch_op.f("ix_open_questions_identity_id"))
        batch_op.drop_index(batch_op.f("ix_open_questions_document_id"))

    op.drop_table("open_questions")
    with op.batch_alter_table("gaps", schema=None) as batch_op:
        batch_op.drop_index("ix_gaps_state_updated_at")
        batch_op.drop_index(batch_op.f("ix_gaps_document_id"))

    op.drop_table("gaps")
    with op.batch_alter_table("document_topics", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_topics_topic_id"))

    op.drop_table("document_topics")
    with op.batch_alter_table("digests", schema=None) as batch_op:
        batch_op.drop_index("ix_digests_state_due_at")

    op.drop_table("digests")
    op.drop_table("mail_subscriptions")
    with op.batch_alter_table("contact_requests", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_contact_requests_to_member_id"))
        batch_op.drop_index("ix_contact_requests_state_created_at")
        batch_op.drop_index(batch_op.f("ix_contact_requests_passed_to_id"))
        batch_op.drop_index(batch_op.f("ix_contact_requests_from_member_id"))
        batch_op.drop_index(batch_op.f("ix_contact_requests_expires_at"))

    op.drop_table("contact_requests")
    with op.batch_alter_table("member_topics", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_topics_topic_id"))

    op.drop_table("member_topics")
    with op.batch_alter_table("handovers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_handovers_successor_id"))
        batch_op.drop_index(batch_op.f("ix_handovers_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_handovers_member_id"))

    op.drop_table("handovers")
    with op.batch_alter_table("blocks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_blocks_blocked_id"))

    op.drop_table("blocks")
    with op.batch_alter_table("topic_words", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_topic_words_folded"))

    op.drop_table("topic_words")
    with op.batch_alter_table("topics", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_topics_parent_id"))

    op.drop_table("topics")
