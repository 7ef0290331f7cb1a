"""Pseudonyms without a key, undone by trying."""
