"""What each entry point loads when it is imported: the architecture as a test."""

import subprocess
import sys

import pytest

HEAVY = {"torch", "onnx", "sklearn", "scipy", "matplotlib"}
BANNED = {
    "mousegate.cli.__main__": HEAVY | {"PyQt5", "onnxruntime", "numpy", "Xlib", "rich"},
    "mousegate.cli.people": HEAVY | {"PyQt5"},
    "mousegate.cli.system": HEAVY | {"PyQt5", "onnxruntime", "numpy", "Xlib", "dbus"},
    "mousegate.system.__main__": HEAVY
    | {"PyQt5", "onnxruntime", "numpy", "Xlib", "dbus", "argon2", "click", "rich", "sqlite3"},
    "mousegate.system.enable": HEAVY | {"PyQt5", "onnxruntime", "Xlib", "dbus"},
    "mousegate.cli.screen": HEAVY | {"PyQt5"},
    "mousegate.cli.lock": HEAVY | {"PyQt5", "onnxruntime"},
    "mousegate.cli.doctor": HEAVY | {"PyQt5"},
    "mousegate.cli.recordings": HEAVY | {"PyQt5"},
    "mousegate.cli.recognition": HEAVY | {"PyQt5"},
    "mousegate.lock.__main__": HEAVY | {"PyQt5", "onnxruntime", "numpy", "argon2", "click", "rich", "dbus"},
    "mousegate.greeter.__main__": HEAVY,
    "mousegate.greeter.window": HEAVY | {"argon2", "sqlite3"},
    "mousegate.greeter.probe": HEAVY | {"PyQt5", "onnxruntime"},
    "mousegate.auth.__main__": HEAVY | {"PyQt5", "onnxruntime", "Xlib", "click", "rich", "dbus"},
    "mousegate.pam.__main__": HEAVY | {"PyQt5", "onnxruntime", "numpy", "Xlib", "click", "rich", "dbus"},
    "mousegate.embedding.onnx": HEAVY,
    "mousegate.cli.setup": HEAVY | {"PyQt5", "onnxruntime", "numpy", "Xlib"},
    "mousegate.wizard.__main__": HEAVY | {"PyQt5", "onnxruntime", "numpy", "Xlib", "dbus"},
    "mousegate.wizard.presenter": HEAVY | {"PyQt5"},
    "mousegate.cli.daemon": HEAVY | {"PyQt5", "onnxruntime", "dbus"},
    "mousegate.daemon.__main__": HEAVY | {"PyQt5"},
    "mousegate.cli.entry": HEAVY | {"PyQt5", "onnxruntime", "numpy", "Xlib", "rich", "click"},
    "mousegate.training.evaluate": {"torch", "onnx", "PyQt5"},
    "mousegate.training.report": {"torch", "onnx", "PyQt5", "matplotlib"},
}


@pytest.mark.parametrize("module", BANNED)
def test_entry_point_loads_only_what_it_may(module: str) -> None:
    """Importing the entry point loads none of the packages that the design keeps out of its process."""
    code = f"import sys, {module}; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not BANNED[module] & set(done.stdout.split())
