"""What Allmende says about itself: facts from the settings and the library, and what is missing to say them."""
