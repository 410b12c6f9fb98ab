"""The only home of torch and sam2."""
