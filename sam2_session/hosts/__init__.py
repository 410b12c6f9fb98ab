"""Hosts run the services: in this process, or in a session process of their own."""
