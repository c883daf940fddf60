"""How long conversations in the browser are kept after the last word."""

from datetime import timedelta

VISITOR_KEPT, MEMBER_KEPT = timedelta(days=1), timedelta(days=30)
# Files that are no pictures: one's own data, certificates, what was sent to the bot.
FILES_KEPT = timedelta(days=1)
