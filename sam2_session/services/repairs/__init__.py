"""Repairs masks of many frames at once: moves, deletes and cleans them, or marks them absent."""
