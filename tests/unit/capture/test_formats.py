"""Recordings are read whatever their form, and what is malformed is refused by file, line and reason."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from mousegate.capture.formats import Format, detect, read, read_recording, write
from mousegate.capture.textrows import TextLimits, line_chunks
from mousegate.core.events import EVENT_DTYPE, Events, Kind
from mousegate.errors import BadInput, UsageError

BALABIT = "record timestamp,client timestamp,button,state,x,y\n"
SAPIMOUSE = "client timestamp,button,state,x,y\n"


def recording(tmp_path: Path, text: str | bytes) -> Path:
    """Write a recording to a file."""
    path = tmp_path / "rec"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_balabit_rows_become_events(tmp_path: Path) -> None:
    """The client clock in seconds becomes ms; drags are moves; buttons are X's; extensions do not matter."""
    text = BALABIT + "0.0,10.5,NoButton,Move,1,2\n0.1,10.6009999,Left,Pressed,3,4\n"
    text += "0.2,10.7,NoButton,Drag,5,6\n0.3,10.75,Left,Released,7,8\n0.4,11,Right,Pressed,9,10\n"
    assert read(recording(tmp_path, text)).tolist() == [
        (10500, Kind.MOVE, 0, 1, 2),
        (10601, Kind.PRESS, 1, 3, 4),
        (10700, Kind.MOVE, 0, 5, 6),
        (10750, Kind.RELEASE, 1, 7, 8),
        (11000, Kind.PRESS, 3, 9, 10),
    ]


def test_sapimouse_rows_become_events(tmp_path: Path) -> None:
    """Times are ms; carriage returns, a byte order mark and empty lines at the end are tolerated."""
    text = (
        "\ufeff"
        + SAPIMOUSE
        + "100,NoButton,Move,1,-2\r\n117,Left,Drag,3,4\r\n117,Other,Pressed,5,6\r\n\r\n\n"
    )
    assert read(recording(tmp_path, text)).tolist() == [
        (100, Kind.MOVE, 0, 1, -2),
        (117, Kind.MOVE, 0, 3, 4),
        (117, Kind.PRESS, 2, 5, 6),
    ]


def test_the_last_line_may_lack_its_newline(tmp_path: Path) -> None:
    """A file that ends without a newline loses nothing."""
    assert len(read(recording(tmp_path, SAPIMOUSE + "1,NoButton,Move,1,2\n2,NoButton,Move,1,3"))) == 2


@pytest.mark.parametrize("kind", ["0,6,{},0,0,0,{}", "7,6,{},0,0,0,{},4,'Virtual core, XTEST pointer'"])
def test_cnee_movement_is_read_in_both_spellings(tmp_path: Path, kind: str) -> None:
    """The form of 2008 and that of today's cnee give the same events; device names may hold commas."""
    text = "\n".join(kind.format(*row) for row in (("300,200", 1000), ("310,-5", 1008))) + "\n"
    assert read(recording(tmp_path, text)).tolist() == [
        (1000, Kind.MOVE, 0, 300, 200),
        (1008, Kind.MOVE, 0, 310, -5),
    ]


def test_cnee_output_is_read_without_its_copies(tmp_path: Path) -> None:
    """Settings are skipped, the master's copies of buttons dropped, positions taken from the last move."""
    text = "# Xnee version: 3.19\n\nevents-to-record        40\ndevice-event-range 4-6 \n"
    text += "7,6,30,40,0,0,0,719821,4,'Virtual core XTEST pointer'\n0,2,0,0,0,38,0,719821\n"
    text += "7,4,0,0,1,0,0,719830,4,Virtual core XTEST pointer\n6,4,0,0,1,0,0,719830,2,Virtual core pointer\n"
    text += "7,5,0,0,1,0,0,719902,4,Virtual core XTEST pointer\n6,5,0,0,1,0,0,719902,2,Virtual core pointer\n"
    assert read(recording(tmp_path, text)).tolist() == [
        (719821, Kind.MOVE, 0, 30, 40),
        (719830, Kind.PRESS, 1, 30, 40),
        (719902, Kind.RELEASE, 1, 30, 40),
    ]


def test_server_time_that_wraps_goes_on(tmp_path: Path) -> None:
    """X server time is a CARD32; a recording across its wrap stays monotonic."""
    text = f"0,6,1,1,0,0,0,{2**32 - 10}\n0,6,1,2,0,0,0,20\n"
    assert np.diff(read(recording(tmp_path, text))["time_ms"]).tolist() == [30]


def test_wheel_rows_become_wheel_clicks_where_the_pointer_was(tmp_path: Path) -> None:
    """Balabit's wheel rows lie at 0,0; they become X's buttons 4 and 5 at the last position."""
    text = BALABIT + "0,1,NoButton,Move,70,80\n0,2,Scroll,Down,0,0\n0,3,Scroll,Up,0,0\n"
    assert read(recording(tmp_path, text)).tolist()[1:] == [
        (2000, Kind.PRESS, 5, 70, 80),
        (2000, Kind.RELEASE, 5, 70, 80),
        (3000, Kind.PRESS, 4, 70, 80),
        (3000, Kind.RELEASE, 4, 70, 80),
    ]


def test_impossible_coordinates_are_dropped_and_counted(tmp_path: Path) -> None:
    """65535 stands for no position: moves go, presses happen where the pointer was."""
    text = BALABIT + "0,1,NoButton,Move,70,80\n0,2,NoButton,Move,65535,65535\n0,3,Left,Pressed,65535,65535\n"
    found = read_recording(recording(tmp_path, text))
    assert found.events.tolist()[1:] == [(3000, Kind.PRESS, 1, 70, 80)]
    assert found.defects.impossible_coordinates == 1


def test_small_defects_are_mended_and_named(tmp_path: Path) -> None:
    """Equal times stay, small steps back are clamped, a release without a press stays."""
    rows = "100,NoButton,Move,1,1\n100,NoButton,Move,2,1\n90,NoButton,Move,3,1\n120,Left,Released,3,1\n"
    found = read_recording(recording(tmp_path, SAPIMOUSE + rows))
    assert found.events["time_ms"].tolist() == [100, 100, 100, 120]
    defects = found.defects
    assert (defects.duplicate_times, defects.clamped_steps, defects.unmatched_buttons) == (1, 1, 1)


def test_one_clock_reset_is_bridged(tmp_path: Path) -> None:
    """A clock that starts again at zero leaves a pause, not a negative time (Balabit user15)."""
    rows = "33421.2,4292978.345,Left,Released,4,3\n35410.3,0.0,NoButton,Move,9,2\n"
    rows += "35410.4,0.109,NoButton,Move,8,3\n"
    found = read_recording(recording(tmp_path, BALABIT + rows))
    assert np.diff(found.events["time_ms"]).tolist() == [2000, 109]
    assert found.defects.clock_resets == 1


BAD = {
    "empty": ("", 1, "empty"),
    "nothing": (SAPIMOUSE, 2, "no pointer events"),
    "truncated row": (SAPIMOUSE + "1,NoButton,Move,1,2\n2,NoBut", 3, "5 fields were expected, 2 found"),
    "extra field": (SAPIMOUSE + "1,NoButton,Move,1,2,3\n", 2, "5 fields were expected, 6 found"),
    "empty row within": (SAPIMOUSE + "1,NoButton,Move,1,2\n\n2,NoButton,Move,1,2\n", 3, "5 fields"),
    "NaN time": (BALABIT + "0,nan,NoButton,Move,1,2\n", 2, "client timestamp"),
    "NaN record time": (BALABIT + "nan,1,NoButton,Move,1,2\n", 2, "record timestamp"),
    "infinite": (BALABIT + "0,inf,NoButton,Move,1,2\n", 2, "client timestamp"),
    "exponent": (BALABIT + "0,1e300,NoButton,Move,1,2\n", 2, "client timestamp"),
    "gigantic time": (SAPIMOUSE + "99999999999999999999999999,NoButton,Move,1,2\n", 2, "client timestamp"),
    "negative time": (SAPIMOUSE + "-5,NoButton,Move,1,2\n", 2, "client timestamp"),
    "empty field": (SAPIMOUSE + "5,NoButton,Move,,2\n", 2, "x is not"),
    "NaN position": (SAPIMOUSE + "5,NoButton,Move,nan,2\n", 2, "x is not"),
    "gigantic position": (SAPIMOUSE + "5,NoButton,Move,1,99999\n", 2, "y is not within"),
    "impossible elsewhere": (SAPIMOUSE + "5,NoButton,Move,65535,65535\n", 2, "x is not within"),
    "between limits": (BALABIT + "0,5,NoButton,Move,40000,1\n", 2, "beyond"),
    "unknown button": (SAPIMOUSE + "5,Nose,Pressed,1,2\n", 2, "'Nose,Pressed' is not known"),
    "unknown state": (SAPIMOUSE + "5,Left,Licked,1,2\n", 2, "'Left,Licked' is not known"),
    "long state": (SAPIMOUSE + f"5,Left,{'x' * 900},1,2\n", 2, "is not known"),
    "NUL": (SAPIMOUSE + "5,NoButton,Move\0,1,2\n", 2, "is not known"),
    "endless line": (SAPIMOUSE + "5" * 100_000, 2, "4096 bytes"),
    "backwards": (SAPIMOUSE + "9000,NoButton,Move,1,2\n2000,NoButton,Move,1,2\n", 3, "backwards by 7000 ms"),
    "second reset": (
        SAPIMOUSE + "".join(f"{t},NoButton,Move,1,2\n" for t in (90000, 0, 90000, 0)),
        5,
        "backwards by 90000 ms",
    ),
    "disorder": (
        SAPIMOUSE + "".join(f"{t % 7 * 100},NoButton,Move,1,2\n" for t in range(1, 60)),
        8,
        "disorder",
    ),
    "not a recording": ("hello\nworld\n", 1, "no recording that mousegate knows"),
    "cnee truncated": ("0,6,1,2,0,0,0,5\n0,6,1,2\n", 2, "8 fields were expected, 4 found"),
    "cnee rubbish": ("0,6,1,2,0,0,0,5\nrubbish\n", 2, "not a row that cnee writes"),
    "cnee no button": ("0,4,1,2,0,0,0,5\n", 1, "names no button"),
    "cnee NaN": ("0,6,nan,2,0,0,0,5\n", 1, "x is not"),
    "cnee only keys": ("0,2,0,0,0,38,0,719821\n", 2, "no pointer events"),
}


@pytest.mark.parametrize("name", BAD)
def test_malformed_recordings_are_refused_with_file_line_and_reason(tmp_path: Path, name: str) -> None:
    """Each refusal is one line that names the file, the line and the reason."""
    text, line, reason = BAD[name]
    path = recording(tmp_path, text)
    with pytest.raises(BadInput) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(f"{path}, line {line}: ")
    assert reason in message
    assert "\n" not in message


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    """A missing file, a directory and a device give a clear line; a pipe is never waited for."""
    import os

    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "missing", tmp_path, Path("/dev/zero"), tmp_path / "pipe"):
        with pytest.raises(BadInput, match=str(path)):
            read(path)


def test_absurd_sizes_are_refused_by_a_named_limit(tmp_path: Path) -> None:
    """A file beyond the limit is refused before it is read."""
    path = recording(tmp_path, SAPIMOUSE + "1,NoButton,Move,1,2\n" * 9)
    with pytest.raises(BadInput, match=r"TextLimits\.max_bytes"):
        list(line_chunks(path, limits=TextLimits(max_bytes=100)))


@pytest.mark.parametrize("chunk_bytes", [1, 7, 64, 1000])
def test_lines_do_not_depend_on_where_chunks_end(tmp_path: Path, chunk_bytes: int) -> None:
    """Rows that straddle chunks are whole, and keep their line numbers."""
    path = recording(tmp_path, "\ufeff" + "".join(f"{i},{'x' * (i % 5)}\r\n" for i in range(50)) + "\n\n")
    limits = TextLimits(chunk_bytes=max(chunk_bytes, 4))
    rows = [
        (int(number), bytes(lines.text[start:end]))
        for lines in line_chunks(path, limits=limits)
        for number, start, end in zip(lines.numbers, lines.starts, lines.ends, strict=True)
    ]
    assert rows == [(i + 1, f"{i},{'x' * (i % 5)}".encode()) for i in range(50)]


def test_progress_reaches_the_end(tmp_path: Path) -> None:
    """A command can show how far reading is."""
    path = recording(tmp_path, SAPIMOUSE + "1,NoButton,Move,1,2\n" * 9)
    calls: list[tuple[int, int]] = []
    read(path, lambda done, total: calls.append((done, total)))
    assert calls[-1] == (path.stat().st_size, path.stat().st_size)


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 10**9),
        st.sampled_from([(0, 0), (1, 1), (2, 1), (1, 3), (2, 3), (1, 2), (2, 2)]),
        st.integers(-32768, 32767),
        st.integers(-32768, 32767),
    ),
    min_size=1,
    max_size=60,
)


def events_of(rows: list[tuple[int, tuple[int, int], int, int]]) -> Events:
    """Ordered events from drawn rows."""
    ordered = sorted(rows, key=lambda row: row[0])
    return np.array([(t, kind, button, x, y) for t, (kind, button), x, y in ordered], EVENT_DTYPE)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=EVENTS, form=st.sampled_from(Format))
def test_what_is_written_is_read_back(
    tmp_path: Path, rows: list[tuple[int, tuple[int, int], int, int]], form: Format
) -> None:
    """Every form keeps times, kinds, buttons and positions exactly."""
    if form is Format.CNEE:  # where a button event at 0,0 stands for one without a position
        rows = [row for row in rows if row[1][0] == Kind.MOVE or row[2:] != (0, 0)]
        assume(rows)
    events = events_of(rows)
    write(tmp_path / "rec", events, form)
    found = read_recording(tmp_path / "rec")
    assert found.format is form
    assert found.events.tolist() == events.tolist()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300),
        st.sampled_from([BALABIT, SAPIMOUSE, "# Xnee\n", "0,6,", "mousegate recording 1\n"]).flatmap(
            lambda head: st.text("0123456789,.-\n\rLeftPrsd'#", max_size=200).map(
                lambda tail: (head + tail).encode()
            )
        ),
    )
)
def test_rubbish_is_only_ever_read_or_refused(tmp_path: Path, untrusted: bytes) -> None:
    """Whatever the bytes, the reader returns valid events or raises BadInput in one line."""
    path = recording(tmp_path, untrusted)
    try:
        events = read(path)
    except BadInput as error:
        assert "\n" not in str(error).replace(str(path), "")
    else:
        assert (np.diff(events["time_ms"]) >= 0).all()


@given(st.binary(max_size=100))
def test_any_beginning_has_a_form_or_none(head: bytes) -> None:
    """Detection never fails."""
    assert detect(head) in (None, *Format)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(rows=EVENTS, data=st.data())
def test_an_altered_native_recording_is_refused(
    tmp_path: Path, rows: list[tuple[int, tuple[int, int], int, int]], data: st.DataObject
) -> None:
    """A native recording with any byte changed, cut or added is refused, never half read."""
    path = tmp_path / "rec"
    write(path, events_of(rows), Format.NATIVE)
    whole = path.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    how = data.draw(st.sampled_from(["cut", "flip", "add"]))
    altered = {
        "cut": whole[:place],
        "flip": whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :],
        "add": whole + b"x",
    }[how]
    path.write_bytes(altered)
    with pytest.raises(BadInput):
        read(path)


def test_a_newer_native_version_is_refused_as_newer(tmp_path: Path) -> None:
    """The person is told to update, not that the file is broken."""
    path = tmp_path / "rec"
    write(path, events_of([(1, (0, 0), 1, 1)]), Format.NATIVE)
    path.write_bytes(path.read_bytes().replace(b"recording 1", b"recording 2", 1))
    with pytest.raises(BadInput, match="newer"):
        read(path)


def test_native_events_that_break_their_promises_are_refused(tmp_path: Path) -> None:
    """A well-formed file whose times run backwards, or whose kinds are unknown, is refused by event."""
    good = events_of([(1, (0, 0), 1, 1), (2, (0, 0), 1, 1), (3, (1, 1), 1, 1)])
    for name, value in (("time_ms", 0), ("kind", 7), ("button", 1), ("x", 70000)):
        bad = good.copy()
        bad[name][1] = value
        write(tmp_path / "rec", bad, Format.NATIVE)
        with pytest.raises(BadInput, match="event 2"):
            read(tmp_path / "rec")


def test_writing_replaces_the_whole_file_or_nothing(tmp_path: Path) -> None:
    """No half-written file stays behind, and a failure leaves the old one."""
    path = tmp_path / "rec"
    path.write_text("old")
    with pytest.raises(UsageError, match="no form"):
        write(path, events_of([(1, (0, 0), 1, 1)]), "excel")
    assert path.read_text() == "old"
    with pytest.raises(BadInput, match="cannot be written"):
        write(tmp_path / "missing" / "rec", events_of([(1, (0, 0), 1, 1)]))
    write(path, events_of([(1, (0, 0), 1, 1)]))
    assert [item.name for item in tmp_path.iterdir()] == ["rec"]


def test_a_million_rows_are_read_as_rows_of_numbers(tmp_path: Path) -> None:
    """Large recordings go through chunk by chunk and keep every row."""
    rows = b"".join(b"%d,NoButton,Move,%d,%d\n" % (i, i % 1900, i % 1000) for i in range(1_000_000))
    events = read(recording(tmp_path, SAPIMOUSE.encode() + rows))
    assert len(events) == 1_000_000
    assert events[-1].tolist() == (999_999, Kind.MOVE, 0, 999_999 % 1900, 999)
