"""How fast the shipped model loads, embeds and enrols: `python -m tests.bench.bench_embedder [--json]`.

Limits: p99 of one window under 2 ms on one core, loading under 150 ms, model under 8 MB, enrolling under 2 s.
Windows and enrolment are timed by processor time: what else runs on the machine does not count.
Each load is a fresh process's, since a second load in one process finds everything warm.
"""

import argparse
import json
import subprocess
import sys
import time

import numpy as np

from mousegate.core.motion import enrol
from mousegate.core.windows import Windows
from mousegate.embedding.manifest import MODEL_NAME, load_cohort, load_manifest, models_directory
from mousegate.embedding.onnx import OnnxEmbedder

LIMITS = {"window_p99_ms": 2.0, "load_ms": 150.0, "model_mb": 8.0, "enrol_s": 2.0}
_LOAD = (
    "import onnxruntime, time; "
    "from mousegate.embedding.manifest import load_manifest; "
    "from mousegate.embedding.onnx import OnnxEmbedder; "
    "t = time.perf_counter(); OnnxEmbedder(load_manifest()); print((time.perf_counter() - t) * 1e3)"
)


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
    runs = [
        subprocess.run([sys.executable, "-c", _LOAD], capture_output=True, text=True, check=True)
        for _ in range(loads)
    ]
    cohort = load_cohort(manifest)
    begin = time.process_time()
    enrol(
        embedder.embed(values), Windows(values, np.ones(200, np.float32), 180.0), manifest, cohort, bytes(32)
    )
    enrol_s = time.process_time() - begin
    return {
        "window_p50_ms": float(np.percentile(times[50:], 50)),
        "window_p99_ms": float(np.percentile(times[50:], 99)),
        "load_ms": float(np.median([float(run.stdout) for run in runs])),
        "model_mb": (models_directory() / MODEL_NAME).stat().st_size / 1e6,
        "enrol_s": enrol_s,
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
