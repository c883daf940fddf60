"""Certificates: what a learner holds in hand of a training that they attended or a path that they completed."""
