"""People connected: presence, and what is on their screens."""
