"""Twins of the measures from their definitions, with dictionaries and loops: slow, short, no NumPy.

Records are tuples of Python values; None is a missing value, and a value of its own unless said otherwise.
"""
