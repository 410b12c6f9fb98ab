"""The few routes that belong to no operation: the page, login, health and metrics."""
