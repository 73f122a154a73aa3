"""A private, real X server for tests and the demo."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def xvfb(width: int = 1280, height: int = 800, *extra: str) -> Iterator[str]:
    """Start Xvfb on a free display; yield its name, such as ":93". Stops it at the end."""
    read_fd, write_fd = os.pipe()
    command = ["Xvfb", "-displayfd", str(write_fd), "-screen", "0", f"{width}x{height}x24"]
    command += ["-nolisten", "tcp", "-noreset", "-dpi", "96", *extra]
    server = subprocess.Popen(
        command, pass_fds=[write_fd], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(write_fd)
    try:
        with os.fdopen(read_fd) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise RuntimeError(f"Xvfb did not start: {' '.join(command)}")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait()
