"""Prediction of a frame's mask from its prompts, and its delivery."""
