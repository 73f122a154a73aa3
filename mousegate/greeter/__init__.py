"""The screen that asks: presenter without Qt, window, and its backends."""
