"""What some keys and buttons of Qt's mean here."""

from typing import Final

from PyQt5.QtCore import Qt

from mousegate.greeter.programs import MediaKey

MEDIA_KEYS: Final = {
    int(Qt.Key_VolumeUp): MediaKey.VOLUME_UP,
    int(Qt.Key_VolumeDown): MediaKey.VOLUME_DOWN,
    int(Qt.Key_VolumeMute): MediaKey.MUTE,
    int(Qt.Key_MicMute): MediaKey.MICROPHONE_MUTE,
    int(Qt.Key_MediaPlay): MediaKey.PLAY,
    int(Qt.Key_MediaPause): MediaKey.PLAY,
    int(Qt.Key_MediaTogglePlayPause): MediaKey.PLAY,
    int(Qt.Key_MediaStop): MediaKey.STOP,
    int(Qt.Key_MediaNext): MediaKey.NEXT,
    int(Qt.Key_MediaPrevious): MediaKey.PREVIOUS,
    int(Qt.Key_MonBrightnessUp): MediaKey.BRIGHTER,
    int(Qt.Key_MonBrightnessDown): MediaKey.DARKER,
}

X_BUTTONS: Final = {
    Qt.LeftButton: 1,
    Qt.MiddleButton: 2,
    Qt.RightButton: 3,
    Qt.BackButton: 8,
    Qt.ForwardButton: 9,
}
"""X button numbers of Qt's buttons; 4 to 7 are the wheel (X protocol; Qt's xcb plugin)."""

TURNS: Final = {int(Qt.Key_Up): -1, int(Qt.Key_Down): 1}
"""Steps among the faces of a login screen."""
