"""What a person sees of the daemon: a window, and an icon in the tray. Neither decides anything."""
