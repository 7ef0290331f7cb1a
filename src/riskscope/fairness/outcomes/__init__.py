"""Any number per record compared across groups."""
