"""Brings files up to the databases after a crash or a full disk."""
