"""Nothing that comes to the lab breaks it; what is wrong is answered by a problem that says so."""

import time
from contextlib import ExitStack

import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from mousegate.web.lab.routes import MOST_SOCKETS
from tests.web.lab.conftest import LabServer, Page, running

START = '{"type": "start", "name": "Ada"}'
BAD_FRAMES = [
    "",
    "no json",
    "[]",
    "null",
    '{"type": "unlock"}',
    '{"type": "start"}',
    '{"type": "start", "name": 7}',
    '{"type": "start", "name": "Ada", "more": 1}',
    '{"type": "start", "name": ""}',
    '{"type": "start", "name": "a\\u0000b"}',
    '{"type": "start", "name": "Ada", "target": "../../etc"}',
    '{"type": "start", "name": "' + "x" * 4000 + '"}',
    '{"type": "move", "rows": [[1, 2, 3, 0]]}',
    b"\x00\xff",
    "[" * 100_000,
]
BAD_ROWS = [
    "[[NaN, 1, 1, 0]]",
    "[[Infinity, 1, 1, 0]]",
    "[[-1, 1, 1, 0]]",
    "[[1e999, 1, 1, 0]]",
    "[[2, 1, 1, 0], [1, 1, 1, 0]]",
    "[[1, 99999999, 1, 0]]",
    '[["1", 1, 1, 0]]',
    '"rows"',
    "[" + ",".join(["[1, 1, 1, 0]"] * 5000) + "]",
]


def _problem(page: Page) -> str:
    while (message := page.receive_json())["type"] != "problem":
        pass
    assert set(message) == {"type", "title", "status", "detail"} and 400 <= message["status"] < 500
    detail: str = message["detail"]
    assert "Traceback" not in detail and "/work" not in detail
    return detail


@pytest.mark.parametrize("frame", BAD_FRAMES, ids=range(len(BAD_FRAMES)))
def test_a_bad_frame_is_answered_and_talk_goes_on(lab: LabServer, frame: str | bytes) -> None:
    """Each gets a problem, and the next good frame is served."""
    with lab.page() as page:
        page.connection.send(frame)
        _problem(page)
        page.connection.send(START)
        while not page.receive_json().get("people"):
            pass


def test_bad_movement_is_refused_and_good_movement_goes_on(lab: LabServer) -> None:
    """Every bad message is refused as a whole; what is good after it is kept."""
    with lab.page() as page:
        page.connection.send(START)
        for rows in BAD_ROWS:
            page.connection.send('{"type": "move", "rows": ' + rows + "}")
            assert _problem(page)
        page.send_json({"type": "move", "rows": [[10, 1, 1, 0], [20, 2, 2, 0]]})
        page.send_json({"type": "stop"})
        while page.receive_json()["type"] != "stopped":
            pass
    (person,) = lab.app.state.lab.people.values()
    assert len(person.hand.events) == 2


def test_who_sends_nothing_but_rubbish_is_sent_away(lab: LabServer) -> None:
    """After some dozens of refusals the connection is closed, by the lab."""
    with lab.page() as page, pytest.raises(ConnectionClosed) as closed:
        for _ in range(60):
            page.connection.send("rubbish")
            _problem(page)
    assert closed.value.rcvd is not None and closed.value.rcvd.code == 1008


def test_a_thousand_sockets_are_refused_politely(lab: LabServer) -> None:
    """As many as there may be are served, the others get 503, and once they go there is room again."""
    opened = refused = 0
    with ExitStack() as held:
        for _ in range(1000):
            try:
                held.enter_context(lab.page())
                opened += 1
            except InvalidStatus as error:
                assert error.response.status_code == 503
                refused += 1
        assert lab.client.get("/lab").status_code == 200
    assert (opened, refused) == (MOST_SOCKETS, 1000 - MOST_SOCKETS)
    give_up_s = time.monotonic() + 30
    while time.monotonic() < give_up_s:
        try:
            with lab.page():
                return
        except InvalidStatus:
            continue
    pytest.fail("no room again")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00" * 100,
        b"<html>",
        b"mousegate recording 1\n{}\n",
        b"client timestamp,button,state,x,y\n1,2",
    ],
)
def test_a_recording_that_is_none_is_refused_with_the_reason(lab: LabServer, body: bytes) -> None:
    """It is a problem that names the recording, and no path of this machine; nobody is made of it."""
    answer = lab.client.post("/lab/recordings", params={"name": "Ada"}, content=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "The recording" in answer.json()["detail"] and "/tmp" not in answer.text
    assert lab.client.get("/lab").json()["people"] == []


@pytest.mark.parametrize(
    "path",
    [
        "/lab/people/../../etc/passwd/recording",
        "/lab/people/%2e%2e%2f%2e%2e%2fetc/recording",
        "/static/..%2f..%2fapp.py",
        "/static/lab/%2e%2e/%2e%2e/app.py",
        "/nothing",
        "/docs",
        "/openapi.json",
    ],
)
def test_path_tricks_lead_nowhere(lab: LabServer, path: str) -> None:
    """There is nothing there, whatever is tried."""
    answer = lab.client.get(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_name_with_tricks_is_only_text(lab: LabServer) -> None:
    """Slashes and quotes in a name reach neither the file system nor a header line."""
    rows = np.column_stack([np.arange(1, 9), np.arange(8), np.arange(8)])
    lines = "\n".join(f"{t},NoButton,Move,{x},{y}" for t, x, y in rows.tolist())
    body = f"client timestamp,button,state,x,y\n{lines}\n".encode()
    name = '../"><script>'
    answer = lab.client.post("/lab/recordings", params={"name": name}, content=body)
    assert answer.status_code == 201, answer.text
    out = lab.client.get(f"/lab/people/{answer.json()['ident']}/recording", params={"format": "sapimouse"})
    disposition = out.headers["content-disposition"]
    assert "<" not in disposition and "/" not in disposition and out.status_code == 200


def test_other_pages_and_other_users_stay_outside() -> None:
    """Without the key, under another name, or from another origin nothing is shown, not even by WebSocket."""
    with running(key="secret") as lab:
        client = lab.client
        assert client.get("/").status_code == client.get("/lab").status_code == 403
        assert client.get("/?key=wrong").status_code == 403
        welcome = client.get("/?key=secret")
        assert (welcome.status_code, welcome.headers["location"]) == (303, "/")
        assert client.get("/lab").status_code == 200
        assert client.get("/lab", headers={"Host": "evil.example"}).status_code == 421
        evil = {"Origin": "http://evil.example"}
        assert client.delete("/lab/people", headers=evil).status_code == 403
        assert "default-src 'none'" in client.get("/").headers["content-security-policy"]
        with pytest.raises(InvalidStatus) as refused, lab.page():
            pass
        assert refused.value.response.status_code == 403
