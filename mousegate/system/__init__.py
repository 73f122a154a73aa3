"""Login with the signature, on and off for this computer: root's copies, PAM, LightDM, and the way back."""
