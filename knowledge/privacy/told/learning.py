"""What is kept about somebody around trainings and lessons, as it is put before them."""

from collections.abc import Sequence
from datetime import datetime

from knowledge.kit.language import _, date_text
from knowledge.models.certificate import CertificateKind
from knowledge.models.training import RegistrationState
from knowledge.privacy.told.parts import Line, Section, moment_text, section
from knowledge.privacy.trainings import (
    StoredCertificate,
    StoredInquiry,
    StoredLearning,
    StoredRegistration,
    StoredRun,
    StoredSelfCheck,
)


def learning_sections(data: StoredLearning | None) -> list[Section]:
    """Return the sections about trainings and lessons; none for people of whom nothing is kept there."""
    if not data:
        return []
    calendar = [[(_("Since"), moment_text(data.calendar_since))]] if data.calendar_since else []
    answered = [[(_("You wrote"), f"{moment_text(at) or ''}: {text}")] for at, text in data.answered]
    return [
        section(_("Trainings that you registered for"), map(_registration, data.registrations)),
        section(_("What you asked about trainings"), map(_inquiry, data.inquiries)),
        section(_("What you answered to questions about trainings"), answered),
        section(_("Your micro-lessons"), map(_run, data.runs)),
        section(_("How far you are: your self-checks"), map(_self_check, data.self_checks)),
        section(_("Your certificates"), map(_certificate, data.certificates)),
        section(_("Your own calendar (its address is not kept)"), calendar),
        section(_("What you made for others to learn from"), map(_made, data.made)),
    ]


def _registration(row: StoredRegistration) -> list[Line]:
    return [
        (_("Training"), row.training),
        (_("Where it stands"), _state_word(row.state)),
        (_("Number"), str(row.number)),
        (_("Registered"), moment_text(row.created_at)),
        (_("Changed"), moment_text(row.changed_at)),
        (_("Place kept until"), moment_text(row.offered_until)),
        *row.answers,
        (_("Reminded"), "; ".join(moment_text(moment) or "" for moment in row.reminded)),
        (_("Noted that you were there"), _yes_no(row.attended)),
        (_("Did it help"), _yes_no(row.helped)),
        (_("You wrote"), row.comment),
    ]


def _state_word(state: str) -> str:
    words = {
        RegistrationState.REGISTERED: _("registered"),
        RegistrationState.WAITING: _("on the waiting list"),
        RegistrationState.OFFERED: _("a place is offered"),
        RegistrationState.LAPSED: _("not accepted in time"),
        RegistrationState.CANCELLED: _("registration cancelled"),
    }
    return words[RegistrationState(state)]


def _yes_no(said: bool | None) -> str | None:
    return None if said is None else _("yes") if said else _("no")


def _inquiry(row: StoredInquiry) -> list[Line]:
    return [
        (_("Training"), row.training),
        (_("You wrote"), f"{moment_text(row.created_at)}: {row.text}"),
        (_("Answer of the organiser"), row.answer),
        (_("Answered"), moment_text(row.answered_at)),
    ]


def _run(row: StoredRun) -> list[Line]:
    right = [_("right") if correct else _("wrong") for _step, _choice, correct in row.answers]
    return [
        (_("Micro-lesson"), row.lesson),
        (_("Learning path"), row.path),
        (_("Begun"), moment_text(row.started_at)),
        (_("Changed"), moment_text(row.updated_at)),
        (_("Completed"), moment_text(row.done_at)),
        (_("Your first answers"), ", ".join(right)),
        (_("Did it help"), _yes_no(row.helpful)),
    ]


def _self_check(row: StoredSelfCheck) -> list[Line]:
    said = ", ".join(f"{key}: {number + 1}" for key, number in row.answers)
    return [(_("Given"), moment_text(row.created_at)), (_("Answers by number"), said)]


def _certificate(row: StoredCertificate) -> list[Line]:
    kinds = {CertificateKind.TRAINING: _("of taking part"), CertificateKind.PATH: _("of a learning path")}
    return [
        (_("Certificate"), f"{row.title} ({kinds[CertificateKind(row.kind)]})"),
        (_("Made out to"), row.name),
        (_("Organiser"), row.publisher),
        (_("What was learned"), row.learned),
        (_("Minutes"), str(row.minutes)),
        (_("Completed"), date_text(row.completed_on)),
        (_("Issued"), moment_text(row.issued_at)),
        (_("Revoked"), moment_text(row.revoked_at)),
    ]


def _made(row: tuple[str, str, datetime]) -> Sequence[Line]:
    kind, title, moment = row
    words = {
        "training": _("Training"),
        "material": _("Material of a training"),
        "lesson": _("Micro-lesson"),
        "lesson_version": _("Version of a micro-lesson"),
        "path": _("Learning path"),
        "circle_path": _("Learning path of a circle"),
    }
    return [(words[kind], title), (_("Created"), moment_text(moment))]
