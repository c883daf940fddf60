"""A picture for the tests of what sends one."""

from base64 import b64decode

from bot.core.messages import Attachment

PIXELS = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAIAAAB7QOjdAAAAD0lEQVR4nGP4z8AARAAABwACD5qOBQAAAABJRU5ErkJggg==")
ALT = "Three steps: ask, check, decide"
PICTURE = Attachment("steps.png", "image/png", PIXELS, alt=ALT, width=2, height=1)
