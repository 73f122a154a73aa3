"""The lab in a browser, and what it is built on."""
