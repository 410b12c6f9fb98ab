"""Inference with SAM 2: the only home of torch and sam2."""
