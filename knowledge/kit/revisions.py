"""Edit forms that notice when somebody else was faster: they carry a digest of what they were filled with."""

import hashlib
import json
from typing import Any

from knowledge.kit.errors import Conflict
from knowledge.kit.language import _


class Stale(Conflict):
    """Somebody else changed what a form was about."""

    code = "form.stale"

    def __init__(self) -> None:
        problem = _(
            "Somebody else changed this in the meantime. What you entered is still here; please compare and save again."
        )
        super().__init__(problem)


def revision_of(*values: Any) -> str:
    """Return the revision of something that consists of these values."""
    return hashlib.sha256(json.dumps(values, default=str, sort_keys=True).encode()).hexdigest()[:16]


def refuse_stale(sent: str, current: str) -> None:
    """Raise ``Stale`` where a form was filled with something else than what there is now."""
    if sent != current:
        raise Stale
