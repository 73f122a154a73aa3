"""mousegate: a Linux/X11 desktop that opens on password plus mouse signature."""

import os

__version__ = "0.1.0"

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
"""Before anything imports numpy, which reads it once: on matrices as small as ours the threads of OpenBLAS
cost more than they gain, and on a busy machine they wait for each other (enrolling took 2.8 s, not 0.5 s).
"""
