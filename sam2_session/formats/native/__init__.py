"""This program's own JSON files, and tables of their content."""
