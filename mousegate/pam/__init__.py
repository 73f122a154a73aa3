"""The PAM module (pam_mousegate.c) and mousegate-verify, the helper that judges for it."""
