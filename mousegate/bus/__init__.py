"""The daemon's D-Bus names, its errors on the bus, and a client."""
