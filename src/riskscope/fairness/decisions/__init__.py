"""Binary decisions compared across groups."""
