"""What the children inherit."""

from mousegate.lock.children import child_environment
from mousegate.lock.settings import Commands


def test_environment_drops_what_changes_the_code_that_runs() -> None:
    """Variables that inject code into Python or Qt, or are the keeper's alone, do not reach the children."""
    dropped = ["PYTHONPATH", "PYTHONSTARTUP", "QT_PLUGIN_PATH"]
    dropped += ["NOTIFY_SOCKET", "XSS_SLEEP_LOCK_FD", "LISTEN_FDS", "MOUSEGATE_UNLOCK_FD"]
    kept = {"HOME": "/home/a", "DISPLAY": ":0", "LANG": "de_DE.UTF-8"}
    environment = child_environment(kept | dict.fromkeys(dropped, "x"))
    assert kept.items() <= environment.items()
    assert not set(dropped) & set(environment)


def test_environment_makes_qt_take_forwarded_core_events() -> None:
    """Qt runs on xcb with core events and its own compose, whatever the session prefers."""
    environment = child_environment({"QT_QPA_PLATFORM": "wayland", "QT_IM_MODULE": "ibus"})
    assert environment["QT_QPA_PLATFORM"] == "xcb"
    assert environment["QT_XCB_NO_XI2"] == "1"
    assert environment["QT_IM_MODULE"] == "compose"


def test_commands_do_not_search_the_working_directory() -> None:
    """Both programs start with -P, so that a file beside the user cannot be imported in their place."""
    assert all(command[1:3] == ("-P", "-m") for command in (Commands().greeter, Commands().auth))
