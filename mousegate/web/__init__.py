"""The web lab and the API for web applications (extra [web])."""
