"""Carries prompts through a video: plans runs, predicts their masks, flags and writes them."""
