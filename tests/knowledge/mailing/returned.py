"""Mails that came back, as mail servers write them."""

from uuid import UUID

REPORT = """\
From: Mail Delivery System <MAILER-DAEMON@mail.test>
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="grenze"

--grenze
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--grenze
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.test
X-Queue-ID: 4F2

Final-Recipient: rfc822; anna@lindenau.de
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} no such user

--grenze
{returned}
--grenze--
"""
WHOLE = "Content-Type: message/rfc822\n\nFrom: allmende@kompetenz.test\nMessage-ID: <{key}@kompetenz.test>\n\nText\n"
HEADERS = "Content-Type: text/rfc822-headers\n\nFrom: allmende@kompetenz.test\nMessage-ID: <{key}@kompetenz.test>\n"


def report(
    key: UUID | None = None,
    *,
    to: str = "allmende@kompetenz.test",
    action: str = "failed",
    status: str = "5.1.1",
    returned: str = WHOLE,
) -> bytes:
    """Return a report about a mail with this key."""
    part = returned.format(key=key.hex if key else "0" * 32)
    return REPORT.format(to=to, action=action, status=status, returned=part).encode()
