"""Clips drawn by procedure, with exact masks: for the demo, for tests and for training."""
