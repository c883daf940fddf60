"""The way from an answer in the hub to its trace, for whoever asked and for as long as their session lives.

Nothing is kept of who asked in the hub. The address itself shows that its bearer asked: it carries a digest of the
answer with the secret of the session, which only their browser has.
"""

import hashlib
import hmac

from fastapi import Request

from hub.auth.visiting import cookie_name

LENGTH = 32


def trace_address(request: Request, answer_id: str) -> str:
    """Return the address of an answer's trace; empty for people who are not signed in."""
    mark = _mark(request, answer_id)
    return f"/antwort/{answer_id}?eigene={mark}" if mark else ""


def asked_here(request: Request, answer_id: str, mark: str) -> bool:
    """Whether an answer was given in the session that a request comes with."""
    wanted = _mark(request, answer_id)
    return bool(wanted) and hmac.compare_digest(wanted.encode(), mark.encode())


def _mark(request: Request, answer_id: str) -> str:
    secret = request.cookies.get(cookie_name(request), "")
    return hmac.new(secret.encode(), answer_id.encode(), hashlib.sha256).hexdigest()[:LENGTH] if secret else ""
