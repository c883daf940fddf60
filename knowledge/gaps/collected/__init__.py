"""What goes into gaps, and looking at it again."""
