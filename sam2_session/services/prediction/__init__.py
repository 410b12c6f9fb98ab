"""Predicts the mask of a frame from its prompts and delivers it."""
