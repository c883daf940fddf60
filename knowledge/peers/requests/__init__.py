"""Contact requests: their words, how many there may be, and the statements about them."""
