"""The model registry and its checkpoints."""
