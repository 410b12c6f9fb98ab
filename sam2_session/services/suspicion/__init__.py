"""Scores how suspicious each mask is, with reasons, from measures taken while masks are written."""
