"""The rows that sums are made from."""
