"""Other people's files become prompts, masks and keypoints: looked at first, then all at once."""
