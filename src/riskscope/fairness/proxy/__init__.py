"""Features that tell the protected group, and what they carry."""
