"""Long work: queue, progress and cancelling."""
