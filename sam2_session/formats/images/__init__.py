"""Picture files as frames and as masks."""
