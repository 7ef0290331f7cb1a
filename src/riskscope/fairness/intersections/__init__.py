"""Combinations of protected features."""
