"""Whose record is it? Linkage by fit, by distance, by weights of agreement."""
