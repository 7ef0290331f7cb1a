"""What drives a score, a decision or a segment."""
