"""The second factor: codes of an app (TOTP), each good once, and recovery codes for when the app is lost."""

import hmac
from datetime import datetime

import pyotp

from knowledge.members.codes import code_digest, make_code

STEP_SECONDS = 30
# Clocks differ: the codes just before and just after count, too.
STEPS_BESIDE = 1
RECOVERY_CODES = 10
ISSUER = "Allmende"


def make_secret() -> str:
    """Return a fresh secret for an app."""
    return pyotp.random_base32()


def app_address(secret: str, login: str) -> str:
    """Return what an app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=ISSUER)


def matching_step(secret: str, code: str, moment: datetime) -> int | None:
    """Return the time step that a code belongs to, near a moment; ``None`` where it belongs to none."""
    digits = "".join(code.split())
    present = int(moment.timestamp()) // STEP_SECONDS
    app, found = pyotp.TOTP(secret), None
    for step in range(present - STEPS_BESIDE, present + STEPS_BESIDE + 1):
        expected = app.generate_otp(step)
        if hmac.compare_digest(expected.encode(), digits.encode()):
            found = step
    return found


def make_recovery_codes() -> list[str]:
    """Return fresh recovery codes."""
    return [make_code() for _ in range(RECOVERY_CODES)]


def recovery_digest(code: str) -> str | None:
    """Return what is kept of a recovery code; ``None`` for what cannot be one."""
    return code_digest(code)
