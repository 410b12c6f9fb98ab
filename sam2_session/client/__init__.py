"""The Python client: the same objects over a server, and in this process without one."""
