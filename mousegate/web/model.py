"""The model in a process of its own, asked without waiting: a crash of it takes nothing else along.

The RPC is concurrent.futures: one worker process, started when first needed and again after it has died or
been silent for too long. Whoever asked then hears ModelUnavailableError; the next question is answered.
"""

import asyncio
import logging
import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

import numpy as np
from numpy.typing import NDArray

from mousegate.core.decision import OperatingPoint
from mousegate.core.events import Events, PointerDevice
from mousegate.core.manifest import Condition, Manifest
from mousegate.core.motion import MotionReference
from mousegate.core.probe import Probe
from mousegate.core.recogniser import Movement
from mousegate.embedding.manifest import load_manifest
from mousegate.errors import MousegateError
from mousegate.web import worker

_STOPPED: Final = "The model has stopped and is started anew. Try again."
_SILENT: Final = "The model gives no answer and is started anew. Try again."
_LOG = logging.getLogger(__name__)
_Args = ParamSpec("_Args")
_Result = TypeVar("_Result")


class ModelUnavailableError(MousegateError):
    """The model's process died, hangs, or has too much to do; asking again a little later helps."""


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """waiting: questions that may be under way; answer_s: after it a worker that is silent is replaced;
    start_s: the same for one that is being started, on a machine that is busy.
    """

    waiting: int = 64
    answer_s: float = 30.0
    start_s: float = 60.0


LIMITS: Final = QueueLimits()


@dataclass(frozen=True, slots=True)
class Score:
    """How alike movement is to a reference.

    llr: calibrated log-likelihood ratio in nats, None where there is too little movement; active_s: seconds
    of movement there were; missing_s: at least so much more is needed, 0 where it was enough; clicks: that
    counted; condition: under which it was compared.
    """

    llr: float | None
    active_s: float
    missing_s: float
    clicks: int
    condition: Condition


class Model:
    """Embeds, enrols and scores in the worker process. One event loop uses it; `close` ends the worker.

    Every question may raise ModelUnavailableError, or ModelError where the model is missing or altered.
    """

    def __init__(self, directory: Path | None = None, limits: QueueLimits = LIMITS) -> None:
        """Describe the model; its process starts with the first question. Raises ModelError."""
        self.manifest: Final[Manifest] = load_manifest(directory)
        self._directory = directory
        self._limits = limits
        self._starting = asyncio.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._worker: BaseProcess | None = None
        self._waiting = 0

    async def ready(self) -> int:
        """Start the worker where there is none, and return its process id."""
        return await self._ask(worker.ready, self._directory)

    async def check(self) -> None:
        """Raise what a question would raise now."""
        await self.ready()

    async def embed(self, recordings: Sequence[Events], condition: Condition = Condition.NATURAL) -> Movement:
        """Return the windows of recordings and the embedding of each."""
        return await self._ask(worker.embed, self._directory, recordings, condition)

    async def embed_windows(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map windows (n, channels, steps) to embeddings (n, dimensions)."""
        return await self._ask(worker.embed_windows, self._directory, values)

    async def enrol(
        self, recordings: Sequence[Events], secret: bytes, before: MotionReference | None = None
    ) -> MotionReference:
        """Make a reference; `secret` is 32 bytes, the person's own. Raises FailureToEnrol."""
        return await self._ask(worker.enrol, self._directory, recordings, secret, before)

    async def probe(
        self, recordings: Sequence[Events], device: PointerDevice = PointerDevice.UNKNOWN
    ) -> Probe:
        """Return an attempt at a login form, without its rhythm: its movement alone."""
        return await self._ask(worker.probe, self._directory, recordings, device)

    async def score(self, reference: MotionReference, recordings: Sequence[Events], secret: bytes) -> Score:
        """Compare ordinary use with a reference."""
        sample, llr = await self._ask(worker.score, self._directory, reference, recordings, secret)
        active_s = sample.movement.active_s
        missing_s = max(0.0, self.manifest.head.least_probe_s - active_s)
        return Score(llr, active_s, missing_s, sample.clicks, sample.condition)

    def operating_point(self, name: str, score: Score) -> OperatingPoint:
        """Return the operating point `name` for what was compared."""
        return self.manifest.scale(score.condition).operating_point(name, score.active_s)

    async def close(self) -> None:
        """End the worker, whatever it is doing."""
        self._drop(self._pool)

    async def _ask(
        self, question: Callable[_Args, _Result], *args: _Args.args, **kwargs: _Args.kwargs
    ) -> _Result:
        if self._waiting >= self._limits.waiting:
            raise ModelUnavailableError("The model has too much to do. Try again in a few seconds.")
        self._waiting += 1
        try:
            pool = await self._running()
            try:
                future = pool.submit(question, *args, **kwargs)
            except RuntimeError as cause:  # it broke or was replaced since
                self._drop(pool)
                raise ModelUnavailableError(
                    "The model has stopped and is started anew. Try again."
                ) from cause
            return await self._answer(pool, future, self._limits.answer_s)
        finally:
            self._waiting -= 1

    async def _running(self) -> ProcessPoolExecutor:
        async with self._starting:
            if self._pool is None:
                await self._start()
            assert self._pool is not None
            return self._pool

    async def _start(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(1, mp_context=spawn, initializer=worker.prepare)
        before = set(multiprocessing.active_children())
        answer = self._answer(pool, pool.submit(worker.ready, self._directory), self._limits.start_s)
        (self._worker,) = set(multiprocessing.active_children()) - before
        self._pool = pool
        try:
            await answer
        except BaseException:
            self._drop(pool)
            raise

    async def _answer(self, pool: ProcessPoolExecutor, future: Future[_Result], limit_s: float) -> _Result:
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), limit_s)
        except BrokenProcessPool as cause:
            self._drop(pool)
            _LOG.error("The model's process died; the next question starts it anew.")
            raise ModelUnavailableError(_STOPPED) from cause
        except TimeoutError as cause:
            self._drop(pool)
            _LOG.error("The model's process gave no answer for %.0f s and is replaced.", limit_s)
            raise ModelUnavailableError(
                "The model gives no answer and is started anew. Try again."
            ) from cause

    def _drop(self, pool: ProcessPoolExecutor | None) -> None:
        """Forget a worker, and end it where it still lives; another may have taken its place already."""
        if pool is None or pool is not self._pool:
            return
        self._pool = None
        if self._worker is not None:
            self._worker.kill()
        pool.shutdown(wait=False, cancel_futures=True)
