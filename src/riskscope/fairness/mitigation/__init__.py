"""What mitigation changes, and its price."""
