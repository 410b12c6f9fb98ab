"""Mask files and their facts, stale ones included."""
