"""Serves HTTP and Socket.IO: reads a request, calls an operation of the host, sends the answer."""
