"""Pure logic on numpy arrays: no I/O, clock, thread, Qt, X or D-Bus."""
