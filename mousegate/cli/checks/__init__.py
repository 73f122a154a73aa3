"""What `mousegate doctor` looks at, one function each. A check yields findings or raises a MousegateError.

Each looks at one thing, changes nothing, and holds nothing afterwards.
"""

from typing import Final

from mousegate.cli.checks.daemon import check_daemon, check_notifications, check_units
from mousegate.cli.checks.desktop import check_compositor, check_display, check_lockers, check_session
from mousegate.cli.checks.devices import check_devices
from mousegate.cli.checks.person import check_config, check_history, check_model, check_store
from mousegate.cli.checks.system import (
    check_clock,
    check_disk,
    check_fonts,
    check_installation,
    check_login,
    check_pam,
)
from mousegate.cli.finding import Check

CHECKS: Final[tuple[Check, ...]] = (
    check_session, check_display, check_compositor, check_lockers, check_devices, check_installation,
    check_pam, check_login, check_model, check_config, check_store, check_history, check_daemon,
    check_notifications, check_units, check_fonts, check_disk, check_clock,
)  # fmt: skip
