"""Registrations: the statements about places, waiting lists and names."""
