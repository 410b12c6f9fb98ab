"""Carrying prompts through a video: plans, jobs, and what they write."""
