"""The daemon's plain logic."""
