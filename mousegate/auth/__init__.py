"""PAM conversation and verdict: the only process that can unlock."""
