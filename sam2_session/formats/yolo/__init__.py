"""YOLO segmentation: label files and data.yaml."""
