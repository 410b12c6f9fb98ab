"""Recovery of files that lag behind the database after a crash or a full disk."""
