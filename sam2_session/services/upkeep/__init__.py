"""Bringing files up to the databases, and counting what is there."""
