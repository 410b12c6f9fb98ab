"""Reports of videos and batches, each one self-contained HTML page."""
