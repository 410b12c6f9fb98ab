"""Flask and Flask-SocketIO: parse, call the host, serialise."""
