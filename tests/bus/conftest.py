"""One private desktop for all tests of the bus, with an enrolled person; the daemon is new for each."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mousegate.capture import synthetic
from mousegate.capture.formats import write
from tests.bus.peer import Peer, running_daemon
from tests.e2e.desktop import Desktop, private_desktop

OWNER_SEED, STRANGER_SEED = 22, 60
"""Two hands that the model tells apart within some stretches: about +5 and -6 nats."""


@pytest.fixture(scope="session")
def enrolled_desktop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desktop]:
    """A private desktop whose person has enrolled movement."""
    with private_desktop() as desktop:
        desktop.configure('allow_synthetic = true\nidle_minutes = 0\noperating_point = "fmr1"\n')
        recording = tmp_path_factory.mktemp("owner") / "owner.csv"
        session = synthetic.session(synthetic.hand(OWNER_SEED), 180, (desktop.width, desktop.height), seed=7)
        write(recording, session, "native")
        done = desktop.run("enrol", "--label", "me", "--from", str(recording))
        assert done.returncode == 0, done.stderr
        yield desktop


@pytest.fixture
def desktop(enrolled_desktop: Desktop, tmp_path: Path) -> Iterator[Desktop]:
    """The desktop with a daemon that has just started."""
    with running_daemon(enrolled_desktop, tmp_path / "daemon.log"):
        yield enrolled_desktop


@pytest.fixture
def join(enrolled_desktop: Desktop) -> Iterator[Callable[[], Peer]]:
    """Return programs on the bus."""
    peers: list[Peer] = []

    def joined() -> Peer:
        peers.append(Peer(enrolled_desktop.env["DBUS_SESSION_BUS_ADDRESS"]))
        return peers[-1]

    yield joined
    for peer in peers:
        peer.close()
