"""The table of operations: every action of the program, declared once."""
