"""Counts and mends masks that break a rule between the regions of an instance."""
