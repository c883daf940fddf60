"""Trainings: events of the competence centre and others, who takes part, what follows from that."""
