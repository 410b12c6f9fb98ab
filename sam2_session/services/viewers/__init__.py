"""Tracks which frames clients show, encodes these ahead, and reads a video for a new client."""
