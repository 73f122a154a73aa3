"""The model in a process of its own answers as the model does, and heals when that process dies or hangs."""

import asyncio
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from mousegate.capture import synthetic
from mousegate.core.events import Events
from mousegate.core.manifest import Condition
from mousegate.embedding.model import load_recogniser
from mousegate.errors import FailureToEnrol, ModelError
from mousegate.web.model import Model, ModelUnavailableError, QueueLimits

SECRET = bytes(range(32))


def _session(seed: int, duration_s: float = 45.0) -> Events:
    return synthetic.session(synthetic.hand(seed), duration_s)


def test_it_answers_as_the_model_does() -> None:
    """Embeddings, references, attempts and scores are those of the recogniser itself."""

    async def ask() -> None:
        model = Model()
        try:
            events, stranger = _session(22), _session(60, 15.0)
            moved = await model.embed([events])
            np.testing.assert_array_equal(await model.embed_windows(moved.windows.values), moved.embeddings)
            reference = await model.enrol([events], SECRET)
            own, other = [await model.score(reference, [one], SECRET) for one in (events, stranger)]
            few = await model.score(reference, [events[:20]], SECRET)
            with pytest.raises(FailureToEnrol, match="at least"):
                await model.enrol([events[:20]], SECRET)
            probe = await model.probe([stranger])
        finally:
            await model.close()
        ours = load_recogniser()
        assert reference.to_bytes() == ours.enrol([events], SECRET).to_bytes()
        sample = ours.sample([stranger], Condition.NATURAL)
        assert other.llr == pytest.approx(ours.score(reference, sample, SECRET))
        assert own.llr is not None and other.llr is not None and own.llr > other.llr + 3
        assert model.operating_point("fmr1", own).fmr < 0.05
        assert (few.llr, few.missing_s > 0, own.missing_s) == (None, True, 0.0)
        assert probe.model_id == ours.manifest.model_id and probe.windows > 0

    asyncio.run(ask())


def test_a_killed_worker_is_reported_and_healed() -> None:
    """Whoever asks a dead process hears so at once; the next question is answered by another process."""

    async def ask() -> None:
        model = Model()
        try:
            first = await model.ready()
            os.kill(first, signal.SIGKILL)
            with pytest.raises(ModelUnavailableError, match="started anew"):
                while await model.ready() == first:
                    pass
            moved = await model.embed([_session(22, 10.0)])
            assert await model.ready() != first
            assert len(moved.windows) > 0
        finally:
            await model.close()

    asyncio.run(ask())


def test_a_worker_that_hangs_is_replaced() -> None:
    """A stopped process costs whoever asked a bounded wait, and is killed and replaced."""

    async def ask() -> None:
        model = Model(limits=QueueLimits(answer_s=2.0))
        try:
            first = await model.ready()
            os.kill(first, signal.SIGSTOP)
            with pytest.raises(ModelUnavailableError, match="no answer"):
                await model.ready()
            assert await model.ready() != first
        finally:
            await model.close()

    asyncio.run(ask())


def test_the_queue_is_bounded() -> None:
    """More questions than the queue holds are refused at once, the others answered."""

    async def ask() -> None:
        model = Model(limits=QueueLimits(waiting=3))
        try:
            answers = await asyncio.gather(*(model.ready() for _ in range(5)), return_exceptions=True)
        finally:
            await model.close()
        refused = [one for one in answers if isinstance(one, ModelUnavailableError)]
        assert len(refused) == 2 and all("too much to do" in str(one) for one in refused)
        assert len({one for one in answers if isinstance(one, int)}) == 1

    asyncio.run(ask())


def test_a_missing_model_says_so(tmp_path: Path) -> None:
    """Without a model nothing starts, and the message names the file."""
    with pytest.raises(ModelError, match="embedder"):
        Model(tmp_path)
