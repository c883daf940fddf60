"""What can go wrong when a contribution is decided on."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from knowledge.kit.errors import Conflict, InvalidInput, NotFound
from knowledge.kit.language import _, date_text


class UnknownContribution(NotFound):
    """There is no such contribution, or none for this moderator."""

    code = "review.unknown"

    def __init__(self) -> None:
        super().__init__(_("This contribution is not there, or not any more: its author may have taken it back."))


class UnknownReport(NotFound):
    """There is no such report, or none for this moderator."""

    code = "review.unknown_report"

    def __init__(self) -> None:
        super().__init__(_("There is no such report."))


class StaleForm(Conflict):
    """Somebody else was quicker; ``typed`` holds what was typed, so that it is not lost."""

    code = "review.stale_form"

    def __init__(self, typed: Mapping[str, Any]) -> None:
        super().__init__(
            _("Somebody else changed this meanwhile. Nothing was overwritten; please look at it once more.")
        )
        self.typed = dict(typed)


class OwnContribution(Conflict):
    """Four eyes: nobody decides on what they contributed themselves while somebody else could."""

    code = "review.own_contribution"

    def __init__(self) -> None:
        super().__init__(_("This contribution is your own, so another moderator decides on it."))


class UnseenDocument(Conflict):
    """What a correction corrects is not for this moderator to see, so they cannot judge it."""

    code = "review.unseen_document"

    def __init__(self) -> None:
        super().__init__(_("You may not see the document that this corrects, so another moderator decides on it."))


class TextNeeded(InvalidInput):
    """A question or a reason is needed and was left empty, or is too long."""

    code = "review.text_needed"

    def __init__(self, message: str) -> None:
        super().__init__(message)


class DayNeeded(InvalidInput):
    """The day until which something is put off lies in the past, or too far ahead."""

    code = "review.day_needed"

    def __init__(self, last: date) -> None:
        super().__init__(_("Please give a day after today and not after {date}.").format(date=date_text(last)))


class CannotMerge(Conflict):
    """A contribution cannot be merged with this document."""

    code = "review.cannot_merge"
