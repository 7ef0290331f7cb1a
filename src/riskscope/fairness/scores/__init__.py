"""Scores compared across groups."""
