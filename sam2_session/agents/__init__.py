"""A door for agents: tools of the Model Context Protocol that work on a running server."""
