"""Carries placed keypoints to the frames around them, and carries them anew after a correction."""
