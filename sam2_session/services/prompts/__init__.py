"""Clicks, boxes, masks drawn by hand, and keypoints."""
