"""Imports: files of other tools become prompts, masks and keypoints, after a dry run if wanted."""
