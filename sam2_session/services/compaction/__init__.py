"""Gives back to the disk everything that a video's folder holds twice, or no longer needs."""
