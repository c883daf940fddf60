"""What is kept about somebody in the network, as it is put before them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from knowledge.handover.privacy import StoredHandover
from knowledge.kit.language import _
from knowledge.models.handover import HandoverState
from knowledge.models.member import Findable
from knowledge.models.question import OpenQuestionState, ReleasedAs
from knowledge.privacy.network import StoredNetwork
from knowledge.privacy.told.parts import Line, Section, moment_text, section
from knowledge.questions.privacy import StoredOpenAnswer, StoredOpenMessage, StoredOpenQuestion, StoredTouch


def network_sections(data: StoredNetwork | None) -> list[Section]:
    """Return the sections about the network; none for people who are no members."""
    if data is None:
        return []
    asked = data.questions
    return [
        section(_("What you declared of yourself"), [_profile(data.peers)]),
        section(_("Questions that you released to the network"), map(_question, asked.questions)),
        section(_("What you answered to open questions"), map(_answer, asked.answers)),
        section(_("What you wrote about answers"), map(_message, asked.messages)),
        section(_("Open questions that you have, too"), map(_touch, asked.joined)),
        section(_("Open questions that were brought to you"), map(_touch, asked.brought)),
        section(_("What you reported in the network"), [[(_("Text"), row.text)] for row in asked.reports]),
        section(_("Contact requests of yours"), map(_request, data.peers["contacts_asked"])),
        section(_("Contact requests to you"), map(_request, data.peers["contacts_received"])),
        section(
            _("Whom you want no requests from"), [[(_("Since"), _read(row))] for row in data.peers["blocked_since"]]
        ),
        section(_("Handovers"), map(_handover, data.handovers)),
    ]


def _profile(peers: Mapping[str, Any]) -> list[Line]:
    words = {Findable.OFF: _("no"), Findable.ON: _("yes"), Findable.PAUSED: _("paused")}
    return [
        (_("Peers find you"), words[Findable(peers["findable"])]),
        (_("You can help with"), "; ".join(peers["topics"]["helps"])),
        (_("You are looking for"), "; ".join(peers["topics"]["seeks"])),
        (_("Languages"), ", ".join(peers["languages"])),
    ]


def _as_whom(said: ReleasedAs, described: str | None) -> str:
    words = {
        ReleasedAs.NAME: _("with your name"),
        ReleasedAs.ORGANISATION: _("as your organisation"),
        ReleasedAs.ANONYMOUS: _("anonymously"),
    }
    return f"{words[said]} ({described})" if described else words[said]


def _question(row: StoredOpenQuestion) -> list[Line]:
    return [
        (_("Question"), row.text),
        (_("Released"), f"{moment_text(row.created_at)}, {_as_whom(row.released_as, row.described_as)}"),
        (_("Where it stands"), _state_word(row.state)),
        (_("Closed"), moment_text(row.closed_at)),
    ]


def _state_word(state: OpenQuestionState) -> str:
    words = {
        OpenQuestionState.OPEN: _("open"),
        OpenQuestionState.ANSWERED: _("answered"),
        OpenQuestionState.PUBLISHED: _("answered; the answer is in the library"),
        OpenQuestionState.WITHDRAWN: _("withdrawn"),
    }
    return words[state]


def _answer(row: StoredOpenAnswer) -> list[Line]:
    return [
        (_("Question"), row.question),
        (_("Your answer"), row.text),
        (_("Given"), f"{moment_text(row.created_at)}, {_as_whom(row.answered_as, row.described_as)}"),
        (_("Did it help"), None if row.helped is None else _("yes") if row.helped else _("no")),
        (_("Withdrawn"), moment_text(row.withdrawn_at)),
    ]


def _message(row: StoredOpenMessage) -> list[Line]:
    return [(_("You wrote"), f"{moment_text(row.created_at)}: {row.text}")]


def _touch(row: StoredTouch) -> list[Line]:
    return [
        (_("Question"), row.question),
        (_("Since"), moment_text(row.created_at)),
        (_("You could not help"), moment_text(row.declined_at)),
    ]


def _request(row: Mapping[str, Any]) -> Sequence[Line]:
    return [
        (_("Since"), _read(row["created_at"])),
        (_("Topic"), row.get("topic")),
        (_("Text"), row.get("text")),
    ]


def _read(moment: str) -> str | None:
    return moment_text(datetime.fromisoformat(moment))


def _handover(row: StoredHandover) -> list[Line]:
    states = {
        HandoverState.OFFERED: _("a colleague is asked"),
        HandoverState.ACCEPTED: _("taken over"),
        HandoverState.OPEN: _("open"),
    }
    return [
        (_("Handover"), _("of what you look after") if row.own else _("that you were asked to take over")),
        (_("Where it stands"), states[row.state]),
        (_("Begun"), moment_text(row.created_at)),
        (_("Decided"), moment_text(row.decided_at)),
    ]
