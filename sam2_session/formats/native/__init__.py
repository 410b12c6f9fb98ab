"""This program's own JSON, and tables of its contents."""
