"""People one by one: alike treated alike, and unmoved by a flip."""
