"""Jobs: the registry that lists them all, the queues that run them, and background jobs."""
