"""Types, errors, events and mask arithmetic: numpy and the standard library, no I/O."""
