"""CVAT for video."""
