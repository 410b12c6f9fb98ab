"""Long work: the registry of all jobs, their queues, and background jobs."""
