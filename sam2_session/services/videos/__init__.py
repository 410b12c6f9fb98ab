"""Videos: which there are, their frames, uploads and deletion."""
