"""Shared by all readers: import plan, file tree, JSON, label names, frame numbers."""
