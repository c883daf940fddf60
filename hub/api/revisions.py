"""Contributions name their state by a number; as an ETag it goes out and comes back."""

import re

from hub.api.etags import ChangedMeanwhile, Expected

_REVISION = re.compile(r'"r(\d{1,9})"')


def revision_etag(revision: int) -> str:
    """Return the ETag of a revision."""
    return f'"r{revision}"'


def expected_revision(expected: Expected, current: int) -> int:
    """Return the revision that a change is about. Raises ``ChangedMeanwhile`` where it can be none."""
    if expected.is_any:
        return current
    found = _REVISION.fullmatch(expected.header.strip())
    if found is None:
        raise ChangedMeanwhile
    return int(found[1])
