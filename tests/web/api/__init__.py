"""The API for web applications."""
