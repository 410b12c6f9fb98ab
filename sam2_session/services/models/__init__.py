"""Models: choose one, fetch its checkpoint, load its network."""
