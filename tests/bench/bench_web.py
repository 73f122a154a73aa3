"""The API under load: verifications a second and how long each takes, with one worker and with two.

    python -m tests.bench.bench_web [--seconds 8] [--callers 8]

Every attempt is another recording of 12 s by the person enrolled, so that nothing is a replay. The callers
run on the same processors and take their share of them.
"""

import argparse
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from tests.web.api.hands import OWNER, RHYTHM, clicked, recorded

USERS = 8
RECORDINGS = 1500
_API = [sys.executable, "-m", "mousegate.web.api"]


@contextmanager
def serving(workers: int, environment: dict[str, str]) -> Iterator[int]:
    """Serve, and give the port."""
    words = [*_API, "serve", "--port", "0", "--workers", str(workers)]
    with subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        found = re.search(r":(\d+)/api", server.stderr.readline())
        assert found is not None
        threading.Thread(target=server.stderr.read, daemon=True).start()
        try:
            yield int(found[1])
        finally:
            server.terminate()


class Caller:
    """One connection that is kept."""

    def __init__(self, port: int, token: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def ask(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """Return status and answer."""
        self._connection.request(method, f"/api/v1{path}", body, self._headers)
        response = self._connection.getresponse()
        return response.status, response.read()


def enrol(port: int, token: str) -> None:
    """Enrol the users, all with the same hand, and have every worker load its model."""
    caller = Caller(port, token)
    moved = json.dumps({"recordings": [recorded(OWNER, seed, 60.0, ()) for seed in (1, 2)]}).encode()
    repeated = json.dumps({"repetitions": [clicked()] * 5}).encode()
    for user in range(USERS):
        for what, body in (("movement", moved), ("rhythm", repeated)):
            status, answer = caller.ask("PUT", f"/users/u{user}/{what}", body)
            assert status == 200, answer


def load(
    port: int, token: str, bodies: list[bytes], callers: int, seconds: float
) -> tuple[float, list[float], int]:
    """Return answers a second, how long each took in ms, and how many were no match."""
    times_ms: list[float] = []
    other: list[bytes] = []
    end_s = time.monotonic() + seconds

    def call(number: int) -> None:
        caller, turn = Caller(port, token), number
        while time.monotonic() < end_s and turn < len(bodies):
            begin_s = time.perf_counter()
            status, answer = caller.ask("POST", f"/users/u{number % USERS}/verify", bodies[turn])
            times_ms.append(1000 * (time.perf_counter() - begin_s))
            if status != 200 or b'"match"' not in answer:
                other.append(answer)
            turn += callers

    threads = [threading.Thread(target=call, args=(number,)) for number in range(callers)]
    begin_s = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(times_ms) / (time.perf_counter() - begin_s), times_ms, len(other)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--callers", type=int, default=8)
    options = parser.parse_args()
    forms = [recorded(OWNER, 100 + number, 12.0, RHYTHM) for number in range(RECORDINGS)]
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors, {options.callers} callers")
    for policy in ("motion", "all"):
        words = {"policy": policy, "operating_point": "fnmr3"}
        bodies = [json.dumps({"recording": form} | words).encode() for form in forms]
        for workers in (1, 2):
            with tempfile.TemporaryDirectory() as folder:
                environment = os.environ | {"XDG_DATA_HOME": folder, "OPENBLAS_NUM_THREADS": "1"}
                add = [*_API, "token", "add", "--per-minute=1000000", "--burst=1000000"]
                add += ["--scope=enrol", "--scope=verify", "bench"]
                token = subprocess.run(
                    add, env=environment, capture_output=True, text=True, check=True
                ).stdout.strip()
                with serving(workers, environment) as port:
                    enrol(port, token)
                    rate, times_ms, other = load(port, token, bodies, options.callers, options.seconds)
            p50, p99 = np.percentile(times_ms, [50, 99])
            print(
                f"policy {policy:6} {workers} worker{'s' if workers > 1 else ' '}: {rate:6.1f} a second, "
                f"p50 {p50:5.0f} ms, p99 {p99:5.0f} ms, {other} of {len(times_ms)} no match"
            )


if __name__ == "__main__":
    main()
