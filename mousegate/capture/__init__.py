"""Where pointer events come from: the X server, files, and synthetic hands."""
