"""These tests need torch: `make test-train` installs the extra [train]; without it they are not collected."""

import importlib.util

collect_ignore_glob = [] if importlib.util.find_spec("torch") else ["test_*.py"]
