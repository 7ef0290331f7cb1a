"""Measures of re-identification risk: each file one question, from a frequency table to a Result."""
