"""mousegate: a Linux/X11 desktop that opens on password plus mouse signature."""

__version__ = "0.1.0"
