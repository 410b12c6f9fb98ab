"""NumPy arrays of masks."""
