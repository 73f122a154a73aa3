"""Setting mousegate up: a window that explains, checks, enrols, tries, and only then arms."""
