"""COCO and YouTube-VIS."""
