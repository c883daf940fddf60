"""„Zahlen": sums for those who steer, from three people on, kept when what they were made from is gone."""
