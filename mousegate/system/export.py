"""Says what is in the store of the person it runs as: `python -I -m mousegate.system.export`.

`mousegate system enable` runs it as the person, so that root never opens a file that another user made.
"""

import logging
import os
import resource
import sys
from typing import Final

from mousegate.errors import MousegateError, NotEnrolled

_MEMORY_BYTES: Final = 1 << 30
"""Several times what it needs, with one thread; settings that never end are read no further."""


def main() -> None:
    """Print the handover on standard output. Exits with 1 and one line on standard error when it cannot."""
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr, format="%(message)s")
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # each reserves memory of its own
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        content = _content()
    except (MousegateError, MemoryError) as error:
        sys.exit(str(error) or "Something in it is far too large.")
    with os.fdopen(sys.stdout.fileno(), "wb", closefd=False) as out:
        out.write(content)


def _content() -> bytes:
    ids = {*os.getresuid(), *os.getresgid()}
    if 0 in ids or len(set(os.getresuid())) != 1:
        raise MousegateError("This must not run as root.")
    from mousegate.storage import config as configuration
    from mousegate.storage.paths import data_directory
    from mousegate.storage.store import Store
    from mousegate.system import handover

    store = Store.open()
    if store is None:
        raise NotEnrolled(f"Nothing is enrolled in {data_directory()}.")
    with store:
        return handover.read(store, configuration.load()).encode()


if __name__ == "__main__":
    main()
