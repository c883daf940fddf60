"""Gaps: what several people asked and the library does not answer."""
