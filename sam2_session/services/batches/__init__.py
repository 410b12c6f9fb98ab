"""Batches: ordered lists of videos that people work through one after another."""
