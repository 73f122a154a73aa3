"""`python -P -m mousegate.system disable [USER]`: the way back with nothing but the standard library."""

import sys

from mousegate.errors import MousegateError
from mousegate.system.disable import disable
from mousegate.system.machine import Machine


def main() -> None:
    """Undo, and say what was done. Exits with the statuses of the contracts."""
    words = sys.argv[1:]
    if words[:1] != ["disable"] or len(words) > 2:
        sys.stderr.write("mousegate: python -P -m mousegate.system disable [USER]\n")
        sys.exit(64)
    try:
        done = disable(Machine(), *words[1:])
    except (MousegateError, OSError) as error:
        sys.stderr.write(f"mousegate: {error}\n")
        sys.exit(getattr(error, "exit_status", 70))
    sys.stdout.write("".join(f"{sentence}\n" for sentence in done))


if __name__ == "__main__":
    main()
