"""Numba kernels: arrays in, arrays out, nothing but NumPy and numba."""
