"""Connected clients: their presence, and prefetch of the frames they show."""
