"""The rehearsal, where the commands look for it."""

from mousegate.capture.rehearsal import check_presented, rehearsal_screen

__all__ = ["check_presented", "rehearsal_screen"]
