"""Inferred profiles compared across groups."""
