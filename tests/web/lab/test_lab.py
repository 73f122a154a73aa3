"""What the lab answers: recording over the WebSocket, comparing, removing, files in and out, the game."""

import os
import signal
from typing import Any

import numpy as np
import pytest

from mousegate.capture import native, synthetic
from mousegate.core.events import Events
from mousegate.core.manifest import Condition
from mousegate.web.lab.hand import Hand
from mousegate.web.model import Model
from tests.e2e.hand import IMPOSTOR_SEED, OWNER_SEED
from tests.web.lab.browser import rows_of
from tests.web.lab.conftest import LabServer, Page


def _session(seed: int, duration_s: float = 80.0, version: int = 0) -> Events:
    return synthetic.session(synthetic.hand(seed), duration_s, seed=version)


def _until(socket: Page, kind: str) -> dict[str, Any]:
    while True:
        message: dict[str, Any] = socket.receive_json()
        if message["type"] == kind:
            return message


def _play(socket: Page, events: Events) -> None:
    rows = rows_of(events, 1000.0)
    for at in range(0, len(rows), 200):
        socket.send_json({"type": "move", "rows": rows[at : at + 200]})


def _record(client: LabServer, name: str, events: Events) -> None:
    with client.page() as socket:
        socket.send_json({"type": "start", "name": name})
        _play(socket, events)
        socket.send_json({"type": "stop"})
        _until(socket, "stopped")
        while any(one["recording"] for one in _until(socket, "lab")["people"]):
            pass


def _people(client: LabServer) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in client.client.get("/lab").json()["people"]}


@pytest.fixture
def two(lab: LabServer) -> LabServer:
    """A lab with two people in it, imported as recordings."""
    for name, seed in (("Ada", OWNER_SEED), ("Bob", IMPOSTOR_SEED)):
        answer = lab.client.post(
            "/lab/recordings", params={"name": name}, content=native.encode(_session(seed))
        )
        assert answer.status_code == 201, answer.text
    return lab


def test_two_hands_streamed_are_told_apart(lab: LabServer) -> None:
    """What two people stream ends in a matrix whose own cells lie far above the others."""
    _record(lab, "Ada", _session(OWNER_SEED))
    _record(lab, "Bob", _session(IMPOSTOR_SEED))
    matrix = np.array(lab.client.get("/lab").json()["matrix"], float)
    assert matrix.shape == (2, 2)
    assert min(matrix[0, 0], matrix[1, 1]) > max(matrix[0, 1], matrix[1, 0]) + 2
    for one in _people(lab).values():
        assert one["windows"] > 20 and one["clicks"] > 5 and len(one["points"]) == one["windows"]


def test_a_hand_is_compared_with_everybody_while_it_moves(two: LabServer) -> None:
    """Scores of the current hand come as it moves, highest for whose hand it is."""
    with two.page() as socket:
        socket.send_json({"type": "start", "name": "Ada"})
        _play(socket, _session(OWNER_SEED, 25.0, version=7))
        ada, bob = (one["ident"] for one in _people(two).values())
        last = _until(socket, "live")
        while None in last["scores"].values():
            last = _until(socket, "live")
    assert last["scores"][ada] > last["scores"][bob]


def test_why_it_is_not_sure_yet_is_said(lab: LabServer) -> None:
    """Too little movement, nobody to be told from, and being sure each have their words."""
    with lab.page() as socket:
        socket.send_json({"type": "start", "name": "Ada"})
        _until(socket, "lab")
        sureness = _people(lab)["Ada"]["sureness"]
        assert sureness["level"] == "learning" and "20 s more" in sureness["reasons"][0]
    _record(lab, "Ada", _session(OWNER_SEED))
    assert "Nobody else" in " ".join(_people(lab)["Ada"]["sureness"]["reasons"])
    _record(lab, "Bob", _session(IMPOSTOR_SEED, 10.0))
    assert _people(lab)["Ada"]["sureness"] == {"level": "sure", "reasons": []}


@pytest.mark.parametrize(("name", "seed"), [("Ada", OWNER_SEED), ("Carl", IMPOSTOR_SEED)])
def test_the_game_lets_its_person_pass_and_the_friend_not(two: LabServer, name: str, seed: int) -> None:
    """Fifteen seconds of trying end in a verdict, which everybody sees; nothing of a try is kept."""
    target, passes = _people(two)["Ada"], name == "Ada"
    with two.page() as socket:
        socket.send_json({"type": "start", "name": name, "target": target["ident"]})
        _play(socket, _session(seed, 30.0, version=9))
        verdict = _until(socket, "verdict")
        _until(socket, "stopped")
        # What the page had sent by then is nobody's mistake: no problem comes before the next recording ends.
        socket.send_json({"type": "start", "name": "Next"})
        socket.send_json({"type": "stop"})
        told: list[str] = []
        while not told or told[-1] != "stopped":
            told.append(socket.receive_json()["type"])
        assert "problem" not in told
        two.client.delete(f"/lab/people/{_people(two)['Next']['ident']}")
    assert (verdict["passed"], verdict["own"]) == (passes, name == "Ada")
    assert (verdict["llr"] >= verdict["threshold"]) == passes
    seen = two.client.get("/lab").json()
    assert [one["name"] for one in seen["attempts"]] == [name]
    assert {one["name"]: one["windows"] for one in seen["people"]}["Ada"] == target["windows"]


@pytest.mark.parametrize("form", ["native", "balabit", "sapimouse", "cnee"])
def test_recordings_go_out_and_come_in(two: LabServer, form: str) -> None:
    """What `mousegate convert` reads and writes is exported, and imported again as the same movement."""
    ada = _people(two)["Ada"]
    out = two.client.get(f"/lab/people/{ada['ident']}/recording", params={"format": form})
    assert out.status_code == 200 and "attachment" in out.headers["content-disposition"]
    again = two.client.post("/lab/recordings", params={"name": f"Ada {form}"}, content=out.content)
    assert again.status_code == 201, again.text
    assert abs(_people(two)[f"Ada {form}"]["active_s"] - ada["active_s"]) < 1


def test_one_is_removed_and_all_are(two: LabServer) -> None:
    """A person who is removed has left the matrix; reset leaves nobody."""
    ada, bob = (one["ident"] for one in _people(two).values())
    assert two.client.delete(f"/lab/people/{ada}").status_code == 204
    seen = two.client.get("/lab").json()
    assert [one["ident"] for one in seen["people"]] == [bob] and len(seen["matrix"]) == 1
    assert two.client.delete(f"/lab/people/{ada}").status_code == 404
    assert two.client.delete("/lab/people").status_code == 204
    assert two.client.get("/lab").json()["people"] == []


def test_windows_of_a_stream_are_those_of_the_whole() -> None:
    """A take's embeddings do not depend on how its movement was cut into messages."""
    import asyncio

    async def embedded(size: int) -> Hand:
        model, hand, events = Model(), Hand(), _session(OWNER_SEED, 20.0)
        try:
            for at in range(0, len(events), size):
                hand.add(events[at : at + size])
                await hand.embed(model)
            await hand.embed(model)
        finally:
            await model.close()
        return hand

    often, once = asyncio.run(embedded(64)), asyncio.run(embedded(1 << 20))
    assert often.windows == once.windows > 5
    np.testing.assert_allclose(often.embeddings(999), once.embeddings(999), atol=1e-5)
    assert all(take.cuts[Condition.LOCK].count for take in often.takes if take.full)


def test_a_killed_worker_is_reported_and_nothing_is_lost(lab: LabServer) -> None:
    """While somebody records the model's process is killed: the page hears so, and every window comes."""
    events = _session(OWNER_SEED)
    _record(lab, "Ada", events)
    with lab.page() as socket:
        socket.send_json({"type": "start", "name": "Bob"})
        rows = rows_of(events)
        socket.send_json({"type": "move", "rows": rows[:1000]})
        _until(socket, "live")
        os.kill(lab.worker_id(), signal.SIGKILL)
        told = False
        for at in range(1000, len(rows), 200):
            socket.send_json({"type": "move", "rows": rows[at : at + 200]})
        socket.send_json({"type": "stop"})
        while (message := socket.receive_json())["type"] != "stopped":
            told = told or (message["type"] == "problem" and "started anew" in message["detail"])
        while any(one["recording"] for one in _until(socket, "lab")["people"]):
            pass
    assert told
    people = _people(lab)
    assert people["Bob"]["windows"] == people["Ada"]["windows"]
