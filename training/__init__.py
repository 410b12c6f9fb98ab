"""Trains and evaluates the demo model on procedurally drawn clips with exact masks."""
