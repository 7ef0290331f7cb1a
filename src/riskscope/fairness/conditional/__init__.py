"""Groups compared among people alike in what may rightly count."""
