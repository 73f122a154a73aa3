"""mousegate: a Linux/X11 desktop that opens on password plus mouse signature."""

import os

__version__ = "0.1.0"

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
"""Before anything imports numpy, which reads it once: on matrices as small as ours the threads of OpenBLAS
cost more than they gain, and on a busy machine they wait for each other (enrolling took 2.8 s, not 0.5 s).
"""

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
"""Before anything imports onnxruntime, which (1.32) from its import on keeps an identifier of the computer in
~/.cache/Microsoft and can report its use by HTTPS. Nothing may leave the computer of a person at a lock.
"""
