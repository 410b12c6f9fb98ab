"""Where the services run: in this process, or in a session process of their own."""
