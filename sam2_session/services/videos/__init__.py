"""Videos: list, frames, extraction, upload, deletion."""
