"""The job that tells people what happened elsewhere; the bot does it."""

NOTICE_JOB = "notices.tell"
