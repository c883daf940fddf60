"""Peers: who is like whom, who did or knows something, what members say of themselves, contact by double yes."""
