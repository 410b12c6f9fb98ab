"""Shared by all readers: plan, file tree, JSON, names of labels."""
