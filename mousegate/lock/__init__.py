"""The keeper: grabs, cover windows, supervision. Standard library and Xlib only."""
