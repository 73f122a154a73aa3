"""How fast the shipped model loads, embeds and enrols: `python -m tests.bench.bench_embedder [--json]`.

Limits: p99 of one window under 2 ms on one core, loading under 150 ms, model under 8 MB, enrolling under 2 s.
Windows and enrolment are timed by processor time: what else runs does not count. Each load and enrolment is
a fresh process's, since a second one in one process finds everything warm.
"""

import argparse
import json
import os
import subprocess
import sys
import time

import numpy as np

from mousegate.embedding.manifest import MODEL_NAME, load_manifest, models_directory
from mousegate.embedding.onnx import OnnxEmbedder

LIMITS = {"window_p99_ms": 2.0, "load_ms": 150.0, "model_mb": 8.0, "enrol_s": 2.0}
_LOAD = (
    "import onnxruntime, time; "
    "from mousegate.embedding.manifest import load_manifest; "
    "from mousegate.embedding.onnx import OnnxEmbedder; "
    "t = time.perf_counter(); OnnxEmbedder(load_manifest()); print((time.perf_counter() - t) * 1e3)"
)
_ENROL = (
    "import time; "
    "from mousegate.capture import synthetic; "
    "from mousegate.embedding.model import load_recogniser; "
    "events = synthetic.session(synthetic.hand(1), 180.0, (1280, 800), 1); "
    "recogniser = load_recogniser(); recogniser.cohort; "
    "t = time.process_time(); recogniser.enrol([events], bytes(32)); print(time.process_time() - t)"
)
"""Three minutes of movement, in a process that was told nothing about threads."""


def _run(code: str) -> str:
    """Return what `code` prints in a fresh process."""
    environment = {name: value for name, value in os.environ.items() if "THREADS" not in name}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout


def measure(windows: int = 2000, loads: int = 5) -> dict[str, float]:
    """Return the measured figures under the names of LIMITS, and the median window in ms."""
    manifest = load_manifest()
    embedder = OnnxEmbedder(manifest)
    rng = np.random.default_rng(0)
    values = rng.normal(0, 1, (200, manifest.channels, manifest.steps)).astype(np.float32)
    values[:, -1] = 1.0
    times = []
    for number in range(windows + 50):
        one = values[number % len(values)][None]
        begin = time.thread_time()
        embedder.embed(one)
        times.append((time.thread_time() - begin) * 1e3)
    load_ms = [float(_run(_LOAD)) for _ in range(loads)]
    enrol_s = [float(_run(_ENROL)) for _ in range(3)]
    return {
        "window_p50_ms": float(np.percentile(times[50:], 50)),
        "window_p99_ms": float(np.percentile(times[50:], 99)),
        "load_ms": float(np.median(load_ms)),
        "model_mb": (models_directory() / MODEL_NAME).stat().st_size / 1e6,
        "enrol_s": float(np.median(enrol_s)),
    }


def main() -> int:
    """Print the figures beside their limits; the exit status is 1 when one is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    as_json = parser.parse_args().json
    figures = measure()
    if as_json:
        print(json.dumps({"figures": figures, "limits": LIMITS}))
    else:
        for name, value in figures.items():
            print(f"{name:16} {value:8.3f}" + (f"   limit {LIMITS[name]:g}" if name in LIMITS else ""))
    return int(any(figures[name] > limit for name, limit in LIMITS.items()))


if __name__ == "__main__":
    sys.exit(main())
