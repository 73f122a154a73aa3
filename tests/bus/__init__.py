"""The daemon on a private bus and a private X server."""
