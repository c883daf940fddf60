"""The job that puts a digest together and sends it; the bot does it."""

DIGEST_JOB = "digests.send"
