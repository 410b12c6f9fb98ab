"""Masks made again from the saved prompts, beside the saved masks."""
