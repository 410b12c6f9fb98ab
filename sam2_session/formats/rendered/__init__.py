"""Images and video for people: overlays, green screens and cut-outs."""
