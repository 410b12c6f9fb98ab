"""What a person says of a frame, and the mask that follows from it."""
