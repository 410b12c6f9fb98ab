"""Disposable processes that probe and decode videos, so that no file can harm the server."""
