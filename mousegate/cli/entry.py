"""The entry point of `mousegate`: a lock is asked for before anything slow is imported."""

import sys


def main() -> None:
    """Run the command. Exits with the statuses of the contracts."""
    if sys.argv[1:] == ["lock"]:
        from mousegate.cli.ask import ask

        status = ask()
        if status == 0:
            sys.exit(0)
        if status is not None:
            sys.exit(_explain(status))
    from mousegate.cli.__main__ import main as every_command

    every_command()


def _explain(status: int) -> int:
    from mousegate.cli.__main__ import run
    from mousegate.cli.lock import NotLockedError

    def fail() -> None:
        raise NotLockedError(status)

    return run(fail)


if __name__ == "__main__":
    main()
