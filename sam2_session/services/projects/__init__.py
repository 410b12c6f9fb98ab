"""The annotations of one video: database, files, instances and regions."""
