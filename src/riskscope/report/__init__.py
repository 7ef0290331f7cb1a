"""Results as one static HTML page; computes nothing."""
