"""Pictures for people: overlays and green screens."""
