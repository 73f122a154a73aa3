"""What the environment says about the desktop session."""

from mousegate.capture.display import Session


def test_an_x11_session_is_told_by_its_display() -> None:
    """DISPLAY alone is X11."""
    session = Session.of({"DISPLAY": ":0", "XDG_SESSION_TYPE": "x11"})
    assert (session.display_name, session.wayland) == (":0", False)


def test_wayland_is_told_by_either_sign() -> None:
    """The session's type or the compositor's socket say Wayland, with or without an X display."""
    assert Session.of({"XDG_SESSION_TYPE": "wayland"}).wayland
    assert Session.of({"WAYLAND_DISPLAY": "wayland-0", "DISPLAY": ":0"}).wayland
    assert not Session.of({}).wayland
