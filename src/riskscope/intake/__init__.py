"""From a file to a data frame, and from a data frame to a proposal of roles."""
