"""Disparities where the group of some people is unknown."""
