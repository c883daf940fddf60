"""Plots of figures: what is in one, how it is drawn (SVG), and the same as a table."""
