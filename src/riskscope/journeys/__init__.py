"""Journeys: run what the roles allow, and join risk, attacks, fairness and utility into one answer."""
