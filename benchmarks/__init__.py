"""Riskscope's counting engine measured beside its peers: ``python -m benchmarks``."""
