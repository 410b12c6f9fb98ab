"""Approves masks, and drops masks that need to be made again."""
