"""COCO and YouTube-VIS: JSON of masks, boxes, keypoints and tracks."""
