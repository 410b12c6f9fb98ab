"""Everything on disk: atomic writes, the workspace, the database, videos and their frames."""
