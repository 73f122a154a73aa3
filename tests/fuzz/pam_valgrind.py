"""Run pam_mousegate.so under valgrind through pamtester, once for each thing its helper may do."""

import getpass
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.e2e.auth_peer import pam_environment
from tests.e2e.pam_application import module_environment
from tests.e2e.test_pam_module import HONEST, HOSTILE

ROOT: Final = Path(__file__).parents[2]
FOUND: Final = 99


def main() -> int:
    """Print a line for each case; return 1 if valgrind found anything in the module."""
    subprocess.run(["make", "--silent", "build/pam_mousegate.so"], cwd=ROOT, check=True)
    cases = {"an honest one": HONEST, "not enrolled": "echo unknown", **HOSTILE}
    errors = 0
    for name, script in cases.items():
        with tempfile.TemporaryDirectory() as folder:
            status, report = _run(Path(folder), script)
        clean = status != FOUND
        errors += not clean
        sys.stdout.write(f"{'clean' if clean else 'ERRORS':7} {name}\n{'' if clean else report}")
    sys.stdout.write(f"{len(cases) - errors} of {len(cases)} cases clean under valgrind\n")
    return 1 if errors else 0


def _run(home: Path, script: str) -> tuple[int, str]:
    helper = home / "helper"
    helper.write_text(f"#!/bin/sh\n{script}\n")
    helper.chmod(0o755)
    environment = module_environment(pam_environment(home), ROOT / "build/pam_mousegate.so", helper)
    ran = subprocess.run(
        [
            *("valgrind", "--quiet", f"--error-exitcode={FOUND}", "--leak-check=full", "--track-fds=no"),
            *("--errors-for-leak-kinds=definite", "--trace-children=no"),
            *("pamtester", "mousegate", getpass.getuser(), "authenticate", "setcred"),
        ],
        input="right\n",
        env=environment,
        text=True,
        capture_output=True,
        check=False,
        timeout=120,
    )
    return ran.returncode, ran.stderr


if __name__ == "__main__":
    sys.exit(main())
