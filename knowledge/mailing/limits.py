"""How much mail may be asked for, and when it is given up."""

from datetime import timedelta

# A link that confirms an address, and how long the address is kept without it.
CONFIRMATION_LASTS, UNCONFIRMED_KEPT = timedelta(days=2), timedelta(days=3)
# Such mails to one address, and for one member, within a day.
CONFIRMATIONS_PER_ADDRESS, CONFIRMATIONS_PER_MEMBER = 3, 5
# Links for signing in, to one address within a day, and how long each works.
SIGN_INS_PER_ADDRESS, SIGN_IN_LASTS = 10, timedelta(minutes=15)
COUNTED_WITHIN = timedelta(days=1)
# Nothing is sent any more once mail came back on so many days; after a longer pause it is counted anew.
MOST_BOUNCES, BOUNCES_APART, BOUNCES_FORGOTTEN = 3, timedelta(hours=20), timedelta(days=60)
# What a mail server did not take for so long is not sent any more.
WAITS_LONGEST = timedelta(days=3)
