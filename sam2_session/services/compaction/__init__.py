"""Compaction: what a video's folder holds twice, or no longer needs, is given back to the disk."""
