"""Conditions read off a release that are true of one person alone."""
