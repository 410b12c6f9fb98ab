"""Everything a user can do, sorted by subject; operations/ lists it, build.py makes it."""
