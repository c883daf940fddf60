"""Whether what a directory says of a sign-in means that a second factor was checked there (RFC 8176).

A directory knows how it let somebody in, and may say so; nobody here can check it. So it counts only where an
administrator decided to rely on that directory. One thing alone never counts, however good it is: what somebody has
(a phone, a card, a key) counts together with what they know or are.
"""

from collections.abc import Mapping, Sequence
from typing import Any

KNOWN = frozenset({"pwd", "pin", "kba"})
OWNED = frozenset({"otp", "hwk", "swk", "sc", "sms", "tel", "pop"})
INBORN = frozenset({"face", "fpt", "iris", "retina", "vbm"})


def has_second_factor(claims: Mapping[str, Any], acr_values: Sequence[str]) -> bool:
    """Whether a second factor was checked, as the directory says in ``amr``, or in ``acr`` with one of these values."""
    acr = claims.get("acr")
    if isinstance(acr, str) and acr in acr_values:
        return True
    amr = claims.get("amr")
    methods = {method for method in amr if isinstance(method, str)} if isinstance(amr, list) else set()
    return "mfa" in methods or sum(bool(methods & kind) for kind in (KNOWN, OWNED, INBORN)) > 1
