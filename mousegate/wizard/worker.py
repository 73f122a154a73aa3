"""Work beside the window: one thread at a time, results delivered in the window's thread."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from PyQt5.QtCore import QObject, Qt, pyqtSignal

from mousegate.errors import MousegateError

_LOG = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class Worker(QObject):
    """Implements ports.Runner. `close` waits for nothing: what still runs ends with the process."""

    _called = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="mousegate-setup")
        self._closed = False
        self._called.connect(self._call, Qt.QueuedConnection)  # type: ignore[call-arg] # a gap of the stubs

    def run(
        self,
        work: Callable[[], _Result],
        done: Callable[[_Result], None],
        failed: Callable[[MousegateError], None],
    ) -> None:
        """Do `work` in a thread, then `done` or `failed` here; the unexpected fails with a sentence, too."""

        def job() -> None:
            try:
                result = work()
            except MousegateError as error:
                self.post(lambda error=error: failed(error))  # type: ignore[misc]
            except Exception as error:  # noqa: BLE001 # a person never sees a traceback
                _LOG.exception("unexpected")
                told = MousegateError(
                    f"Something unexpected happened ({type(error).__name__}). Nothing was changed. Try "
                    "again; if it stays, run `mousegate -v setup` in a terminal and report what it says."
                )
                self.post(lambda: failed(told))
            else:
                self.post(lambda: done(result))

        self._threads.submit(job)

    def post(self, call: Callable[[], None]) -> None:
        """Do `call` in the window's thread, soon."""
        if not self._closed:
            self._called.emit(call)

    def close(self) -> None:
        """Deliver nothing more."""
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _call(self, call: Callable[[], None]) -> None:
        if not self._closed:
            call()
