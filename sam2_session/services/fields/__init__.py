"""Typed, bounded fields: the one place where values from outside are checked."""
