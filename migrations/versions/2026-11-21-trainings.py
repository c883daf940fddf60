"""Trainings with registrations and calendars, micro-lessons with paths and progress, certificates."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_21_trainings"
down_revision: str | None = "2026_11_21_network"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Take the step."""

    op.create_table(
        "calendar_feeds",
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_calendar_feeds_member_id_members"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("member_id", name=op.f("uq_calendar_feeds_member_id")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_calendar_feeds_token_digest")),
    )
    op.create_table(
        "lesson_paths",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("outcomes", sa.Text(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("visibility", sa.String(length=40), nullable=False),
        sa.Column("access", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("shipped", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "visibility != 'house' OR organisation_id IS NOT NULL",
            name=op.f("ck_lesson_paths_house_needs_organisation"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["members.id"], name=op.f("fk_lesson_paths_created_by_members"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_lesson_paths_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_paths")),
        sa.UniqueConstraint("key", name=op.f("uq_lesson_paths_key")),
    )
    with op.batch_alter_table("lesson_paths", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lesson_paths_access"), ["access"], unique=False)
        batch_op.create_index(batch_op.f("ix_lesson_paths_created_by"), ["created_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_lesson_paths_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "trainings",
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("outcomes", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("trainers", sa.Text(), nullable=False),
        sa.Column("online", sa.Boolean(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("state_key", sa.String(length=2), nullable=True),
        sa.Column("district_key", sa.String(length=5), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("waiting_list", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("offer_hours", sa.Integer(), server_default="24", nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("costs", sa.Text(), nullable=False),
        sa.Column("accessibility", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("visibility", sa.String(length=40), nullable=False),
        sa.Column("access", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("cancel_reason", sa.Text(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("last_number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("followed_up_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "visibility != 'house' OR organisation_id IS NOT NULL", name=op.f("ck_trainings_house_needs_organisation")
        ),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_trainings_taken_not_negative")),
        sa.ForeignKeyConstraint(
            ["created_by"], ["members.id"], name=op.f("fk_trainings_created_by_members"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_trainings_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trainings")),
    )
    with op.batch_alter_table("trainings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trainings_access"), ["access"], unique=False)
        batch_op.create_index(batch_op.f("ix_trainings_created_by"), ["created_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_trainings_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index("ix_trainings_state_ends_at", ["state", "ends_at"], unique=False)
        batch_op.create_index("ix_trainings_state_starts_at", ["state", "starts_at"], unique=False)

    op.create_table(
        "certificates",
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("training_id", sa.Uuid(), nullable=True),
        sa.Column("path_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("learned", sa.Text(), nullable=False),
        sa.Column("publisher", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("completed_on", sa.Date(), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_certificates_member_id_members"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["path_id"], ["lesson_paths.id"], name=op.f("fk_certificates_path_id_lesson_paths"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["training_id"], ["trainings.id"], name=op.f("fk_certificates_training_id_trainings"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificates")),
        sa.UniqueConstraint("code_digest", name=op.f("uq_certificates_code_digest")),
        sa.UniqueConstraint("member_id", "path_id", name=op.f("uq_certificates_member_id_path_id")),
        sa.UniqueConstraint("member_id", "training_id", name=op.f("uq_certificates_member_id_training_id")),
    )
    with op.batch_alter_table("certificates", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_certificates_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificates_path_id"), ["path_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_certificates_training_id"), ["training_id"], unique=False)

    op.create_table(
        "registrations",
        sa.Column("training_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("offered_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attended", sa.Boolean(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["chat_identities.id"],
            name=op.f("fk_registrations_identity_id_chat_identities"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_registrations_member_id_members"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["training_id"], ["trainings.id"], name=op.f("fk_registrations_training_id_trainings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint("training_id", "member_id", name=op.f("uq_registrations_training_id_member_id")),
    )
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_registrations_identity_id"), ["identity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_registrations_member_id"), ["member_id"], unique=False)
        batch_op.create_index("ix_registrations_state_offered_until", ["state", "offered_until"], unique=False)
        batch_op.create_index(
            "ix_registrations_training_state_number", ["training_id", "state", "number"], unique=False
        )

    op.create_table(
        "self_checks",
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(member_id IS NULL) != (identity_id IS NULL)", name=op.f("ck_self_checks_one_owner")),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["chat_identities.id"],
            name=op.f("fk_self_checks_identity_id_chat_identities"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_self_checks_member_id_members"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_checks")),
    )
    with op.batch_alter_table("self_checks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_self_checks_identity_id"), ["identity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_self_checks_member_id"), ["member_id"], unique=False)

    op.create_table(
        "training_dates",
        sa.Column("training_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["training_id"], ["trainings.id"], name=op.f("fk_training_dates_training_id_trainings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_dates")),
    )
    with op.batch_alter_table("training_dates", schema=None) as batch_op:
        batch_op.create_index("ix_training_dates_starts_at", ["starts_at"], unique=False)
        batch_op.create_index("ix_training_dates_training_starts_at", ["training_id", "starts_at"], unique=False)

    op.create_table(
        "training_inquiries",
        sa.Column("training_id", sa.Uuid(), nullable=False),
        sa.Column("member_id", sa.Uuid(), nullable=False),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answered_by"], ["members.id"], name=op.f("fk_training_inquiries_answered_by_members"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["chat_identities.id"],
            name=op.f("fk_training_inquiries_identity_id_chat_identities"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_training_inquiries_member_id_members"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["training_id"],
            ["trainings.id"],
            name=op.f("fk_training_inquiries_training_id_trainings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_inquiries")),
    )
    with op.batch_alter_table("training_inquiries", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_inquiries_identity_id"), ["identity_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_training_inquiries_member_id"), ["member_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_training_inquiries_training_id"), ["training_id"], unique=False)

    op.create_table(
        "training_questions",
        sa.Column("training_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["training_id"],
            ["trainings.id"],
            name=op.f("fk_training_questions_training_id_trainings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_questions")),
    )
    with op.batch_alter_table("training_questions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_questions_training_id"), ["training_id"], unique=False)

    op.create_table(
        "training_topics",
        sa.Column("training_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topics.id"], name=op.f("fk_training_topics_topic_id_topics"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["training_id"], ["trainings.id"], name=op.f("fk_training_topics_training_id_trainings"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("training_id", "topic_id", name=op.f("pk_training_topics")),
    )
    with op.batch_alter_table("training_topics", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_topics_topic_id"), ["topic_id"], unique=False)

    op.create_table(
        "training_feedback",
        sa.Column("training_id", sa.Uuid(), nullable=False),
        sa.Column("registration_id", sa.Uuid(), nullable=True),
        sa.Column("helped", sa.Boolean(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_training_feedback_registration_id_registrations"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["training_id"],
            ["trainings.id"],
            name=op.f("fk_training_feedback_training_id_trainings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_feedback")),
        sa.UniqueConstraint("registration_id", name=op.f("uq_training_feedback_registration_id")),
    )
    with op.batch_alter_table("training_feedback", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_feedback_training_id"), ["training_id"], unique=False)

    op.create_table(
        "training_reminders",
        sa.Column("registration_id", sa.Uuid(), nullable=False),
        sa.Column("date_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["date_id"],
            ["training_dates.id"],
            name=op.f("fk_training_reminders_date_id_training_dates"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["registration_id"],
            ["registrations.id"],
            name=op.f("fk_training_reminders_registration_id_registrations"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("registration_id", "date_id", "kind", name=op.f("pk_training_reminders")),
    )
    with op.batch_alter_table("training_reminders", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_reminders_date_id"), ["date_id"], unique=False)

    op.create_table(
        "circle_paths",
        sa.Column("circle_id", sa.Uuid(), nullable=False),
        sa.Column("path_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["circle_id"], ["circles.id"], name=op.f("fk_circle_paths_circle_id_circles"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["path_id"], ["lesson_paths.id"], name=op.f("fk_circle_paths_path_id_lesson_paths"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["started_by"], ["members.id"], name=op.f("fk_circle_paths_started_by_members"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circle_paths")),
        sa.UniqueConstraint("circle_id", name=op.f("uq_circle_paths_circle_id")),
    )
    with op.batch_alter_table("circle_paths", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_circle_paths_path_id"), ["path_id"], unique=False)
        batch_op.create_index("ix_circle_paths_state_next_at", ["state", "next_at"], unique=False)

    op.create_table(
        "lessons",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("visibility", sa.String(length=40), nullable=False),
        sa.Column("access", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("published_version", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("shipped", sa.Boolean(), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "visibility != 'house' OR organisation_id IS NOT NULL", name=op.f("ck_lessons_house_needs_organisation")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["members.id"], name=op.f("fk_lessons_created_by_members"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["documents.id"], name=op.f("fk_lessons_document_id_documents"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_lessons_organisation_id_organisations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lessons")),
        sa.UniqueConstraint("key", name=op.f("uq_lessons_key")),
    )
    with op.batch_alter_table("lessons", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lessons_access"), ["access"], unique=False)
        batch_op.create_index(batch_op.f("ix_lessons_created_by"), ["created_by"], unique=False)
        batch_op.create_index(batch_op.f("ix_lessons_document_id"), ["document_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lessons_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "training_materials",
        sa.Column("training_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("visibility", sa.String(length=40), nullable=False),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("error", sa.String(length=80), nullable=True),
        sa.Column("added_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by"], ["members.id"], name=op.f("fk_training_materials_added_by_members"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["document_id"],
            ["documents.id"],
            name=op.f("fk_training_materials_document_id_documents"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["training_id"],
            ["trainings.id"],
            name=op.f("fk_training_materials_training_id_trainings"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_training_materials")),
    )
    with op.batch_alter_table("training_materials", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_training_materials_document_id"), ["document_id"], unique=False)
        batch_op.create_index(
            "ix_training_materials_published_at_publish_at", ["published_at", "publish_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_training_materials_training_id"), ["training_id"], unique=False)

    op.create_table(
        "circle_lessons",
        sa.Column("circle_path_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["circle_path_id"],
            ["circle_paths.id"],
            name=op.f("fk_circle_lessons_circle_path_id_circle_paths"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lessons.id"], name=op.f("fk_circle_lessons_lesson_id_lessons"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_circle_lessons")),
        sa.UniqueConstraint("circle_path_id", "lesson_id", name=op.f("uq_circle_lessons_circle_path_id_lesson_id")),
    )
    with op.batch_alter_table("circle_lessons", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_circle_lessons_lesson_id"), ["lesson_id"], unique=False)

    op.create_table(
        "lesson_path_items",
        sa.Column("path_id", sa.Uuid(), nullable=False),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lessons.id"], name=op.f("fk_lesson_path_items_lesson_id_lessons"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["path_id"], ["lesson_paths.id"], name=op.f("fk_lesson_path_items_path_id_lesson_paths"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("path_id", "lesson_id", name=op.f("pk_lesson_path_items")),
    )
    with op.batch_alter_table("lesson_path_items", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lesson_path_items_lesson_id"), ["lesson_id"], unique=False)

    op.create_table(
        "lesson_pictures",
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lessons.id"], name=op.f("fk_lesson_pictures_lesson_id_lessons"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_pictures")),
        sa.UniqueConstraint("lesson_id", "name", "digest", name=op.f("uq_lesson_pictures_lesson_id_name_digest")),
    )
    op.create_table(
        "lesson_topics",
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("topic_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lessons.id"], name=op.f("fk_lesson_topics_lesson_id_lessons"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topics.id"], name=op.f("fk_lesson_topics_topic_id_topics"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("lesson_id", "topic_id", name=op.f("pk_lesson_topics")),
    )
    with op.batch_alter_table("lesson_topics", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lesson_topics_topic_id"), ["topic_id"], unique=False)

    op.create_table(
        "lesson_versions",
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("steps", sa.JSON(), nullable=False),
        sa.Column("needs", sa.JSON(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["members.id"], name=op.f("fk_lesson_versions_created_by_members"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lessons.id"], name=op.f("fk_lesson_versions_lesson_id_lessons"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_versions")),
        sa.UniqueConstraint("lesson_id", "number", name=op.f("uq_lesson_versions_lesson_id_number")),
    )
    op.create_table(
        "lesson_runs",
        sa.Column("member_id", sa.Uuid(), nullable=True),
        sa.Column("identity_id", sa.Uuid(), nullable=True),
        sa.Column("lesson_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("path_id", sa.Uuid(), nullable=True),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("helpful", sa.Boolean(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(member_id IS NULL) != (identity_id IS NULL)", name=op.f("ck_lesson_runs_one_owner")),
        sa.ForeignKeyConstraint(
            ["identity_id"],
            ["chat_identities.id"],
            name=op.f("fk_lesson_runs_identity_id_chat_identities"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["lesson_id"], ["lessons.id"], name=op.f("fk_lesson_runs_lesson_id_lessons"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["members.id"], name=op.f("fk_lesson_runs_member_id_members"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["path_id"], ["lesson_paths.id"], name=op.f("fk_lesson_runs_path_id_lesson_paths"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["lesson_versions.id"],
            name=op.f("fk_lesson_runs_version_id_lesson_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_runs")),
        sa.UniqueConstraint("identity_id", "lesson_id", name=op.f("uq_lesson_runs_identity_id_lesson_id")),
        sa.UniqueConstraint("member_id", "lesson_id", name=op.f("uq_lesson_runs_member_id_lesson_id")),
    )
    with op.batch_alter_table("lesson_runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lesson_runs_lesson_id"), ["lesson_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lesson_runs_path_id"), ["path_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_lesson_runs_version_id"), ["version_id"], unique=False)

    op.create_table(
        "lesson_answers",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("choice", sa.Integer(), nullable=False),
        sa.Column("correct", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"], ["lesson_runs.id"], name=op.f("fk_lesson_answers_run_id_lesson_runs"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["lesson_versions.id"],
            name=op.f("fk_lesson_answers_version_id_lesson_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("run_id", "version_id", "step", name=op.f("pk_lesson_answers")),
    )
    with op.batch_alter_table("lesson_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lesson_answers_version_id"), ["version_id"], unique=False)


def downgrade() -> None:
    """Take the step back."""

    with op.batch_alter_table("lesson_answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lesson_answers_version_id"))

    op.drop_table("lesson_answers")
    with op.batch_alter_table("lesson_runs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lesson_runs_version_id"))
        batch_op.drop_index(batch_op.f("ix_lesson_runs_path_id"))
        batch_op.drop_index(batch_op.f("ix_lesson_runs_lesson_id"))

    op.drop_table("lesson_runs")
    op.drop_table("lesson_versions")
    with op.batch_alter_table("lesson_topics", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lesson_topics_topic_id"))

    op.drop_table("lesson_topics")
    op.drop_table("lesson_pictures")
    with op.batch_alter_table("lesson_path_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lesson_path_items_lesson_id"))

    op.drop_table("lesson_path_items")
    with op.batch_alter_table("circle_lessons", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_circle_lessons_lesson_id"))

    op.drop_table("circle_lessons")
    with op.batch_alter_table("training_materials", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_training_materials_training_id"))
        batch_op.drop_index("ix_training_materials_published_at_publish_at")
        batch_op.drop_index(batch_op.f("ix_training_materials_document_id"))

    op.drop_table("training_materials")
    with op.batch_alter_table("lessons", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lessons_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_lessons_document_id"))
        batch_op.drop_index(batch_op.f("ix_lessons_created_by"))
        batch_op.drop_index(batch_op.f("ix_lessons_access"))

    op.drop_table("lessons")
    with op.batch_alter_table("circle_paths", schema=None) as batch_op:
        batch_op.drop_index("ix_circle_paths_state_next_at")
        batch_op.drop_index(batch_op.f("ix_circle_paths_path_id"))

    op.drop_table("circle_paths")
    with op.batch_alter_table("training_reminders", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_training_reminders_date_id"))

    op.drop_table("training_reminders")
    with op.batch_alter_table("training_feedback", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_training_feedback_training_id"))

    op.drop_table("training_feedback")
    with op.batch_alter_table("training_topics", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_training_topics_topic_id"))

    op.drop_table("training_topics")
    with op.batch_alter_table("training_questions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_training_questions_training_id"))

    op.drop_table("training_questions")
    with op.batch_alter_table("training_inquiries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_training_inquiries_training_id"))
        batch_op.drop_index(batch_op.f("ix_training_inquiries_member_id"))
        batch_op.drop_index(batch_op.f("ix_training_inquiries_identity_id"))

    op.drop_table("training_inquiries")
    with op.batch_alter_table("training_dates", schema=None) as batch_op:
        batch_op.drop_index("ix_training_dates_training_starts_at")
        batch_op.drop_index("ix_training_dates_starts_at")

    op.drop_table("training_dates")
    with op.batch_alter_table("self_checks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_self_checks_member_id"))
        batch_op.drop_index(batch_op.f("ix_self_checks_identity_id"))

    op.drop_table("self_checks")
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.drop_index("ix_registrations_training_state_number")
        batch_op.drop_index("ix_registrations_state_offered_until")
        batch_op.drop_index(batch_op.f("ix_registrations_member_id"))
        batch_op.drop_index(batch_op.f("ix_registrations_identity_id"))

    op.drop_table("registrations")
    with op.batch_alter_table("certificates", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certificates_training_id"))
        batch_op.drop_index(batch_op.f("ix_certificates_path_id"))
        batch_op.drop_index(batch_op.f("ix_certificates_member_id"))

    op.drop_table("certificates")
    with op.batch_alter_table("trainings", schema=None) as batch_op:
        batch_op.drop_index("ix_trainings_state_starts_at")
        batch_op.drop_index("ix_trainings_state_ends_at")
        batch_op.drop_index(batch_op.f("ix_trainings_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_trainings_created_by"))
        batch_op.drop_index(batch_op.f("ix_trainings_access"))

    op.drop_table("trainings")
    with op.batch_alter_table("lesson_paths", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lesson_paths_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_lesson_paths_created_by"))
        batch_op.drop_index(batch_op.f("ix_lesson_paths_access"))

    op.drop_table("lesson_paths")
    op.drop_table("calendar_feeds")
