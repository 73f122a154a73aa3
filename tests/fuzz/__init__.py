"""Fuzzing and memory checks of what is written in C; long, so not part of `make test`."""
