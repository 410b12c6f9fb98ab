"""Carries prompts through a video: plans, runs and what they write."""
