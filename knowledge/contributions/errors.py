"""What can go wrong when somebody contributes."""

from collections.abc import Sequence

from knowledge.contributions.fields import field_label
from knowledge.kit.errors import Conflict, InvalidInput, NotFound
from knowledge.kit.language import _
from knowledge.kit.often import TooOften


class UnknownContribution(NotFound):
    """There is no such contribution, or it is not this person's."""

    code = "contributions.unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no such contribution among yours."))


class UnknownOriginal(NotFound):
    """There is no such document to correct, or this person may not find it."""

    code = "contributions.unknown_original"

    def __init__(self) -> None:
        super().__init__(_("There is no such document, or not any more."))


class WrongState(Conflict):
    """A contribution does not stand where this could be done."""

    code = "contributions.wrong_state"

    def __init__(self) -> None:
        super().__init__(_("This contribution has moved on meanwhile. Please look at where it stands now."))


class FieldInvalid(InvalidInput):
    """A field holds what it cannot hold; ``field`` says which."""

    code = "contributions.field"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class FieldsMissing(InvalidInput):
    """Something that is needed is not there; ``fields`` says what."""

    code = "contributions.fields_missing"

    def __init__(self, fields: Sequence[str]) -> None:
        names = ", ".join(f"“{field_label(name)}”" for name in fields)
        super().__init__(_("Still needed: {fields}.").format(fields=names))
        self.fields = tuple(fields)


class CannotDescribe(InvalidInput):
    """An organisation cannot be described so coarsely that it stays unknown."""

    code = "contributions.cannot_describe"

    def __init__(self) -> None:
        super().__init__(
            _(
                "Your organisation cannot be described so that at least five of the official register fit. So this "
                "contribution cannot be anonymised; please let it name your organisation."
            )
        )


class HouseNotAnonymous(InvalidInput):
    """What stays in the house cannot be anonymous there."""

    code = "contributions.house_not_anonymous"

    def __init__(self) -> None:
        super().__init__(_("What only your own house sees cannot be anonymised; the house is known."))


class OrganisationNeeded(InvalidInput):
    """Something is for one house, but its author belongs to none."""

    code = "contributions.organisation_needed"

    def __init__(self) -> None:
        super().__init__(_("You belong to no organisation here, so there is no house to keep it in."))


class CirclesNeeded(InvalidInput):
    """Something is for circles, but none is named, or one that does not exist."""

    code = "contributions.circles_needed"

    def __init__(self) -> None:
        super().__init__(_("Please choose at least one circle."))


class TooMany(TooOften):
    """More was sent within a day than anybody could look at."""

    code = "contributions.too_many"


class NotReleasing(NotFound):
    """There is no such contribution to release, or this person does not release for its house."""

    code = "contributions.not_releasing"

    def __init__(self) -> None:
        super().__init__(_("There is no such contribution that waits for your release."))


class OwnRelease(Conflict):
    """Somebody else of the house is to release what one wrote oneself."""

    code = "contributions.own_release"

    def __init__(self) -> None:
        super().__init__(_("This contribution is your own, so somebody else of your house releases it."))
