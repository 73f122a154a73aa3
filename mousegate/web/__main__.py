"""`python -m mousegate.web`: the lab, as `mousegate web` starts it."""

import argparse
import logging
import sys

from mousegate.errors import MousegateError
from mousegate.storage import config as configuration
from mousegate.web.serve import LOOPBACK, serve


def main() -> int:
    """Serve the lab until Ctrl-C and return the exit status."""
    parser = argparse.ArgumentParser(prog="mousegate web")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--no-browser", action="store_true")
    wish = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    if wish.host not in LOOPBACK:
        _say("Whoever can reach this machine and knows the key sees what is recorded here.")
    _say("The lab is open until Ctrl-C at")
    try:
        point = configuration.load().operating_point
        serve(wish.host, wish.port, not wish.no_browser, point, _print)
    except MousegateError as error:
        _say(f"mousegate: {error}")
        return error.exit_status
    except KeyboardInterrupt:
        return 0
    return 0


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _print(address: str) -> None:
    sys.stdout.write(f"{address}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
