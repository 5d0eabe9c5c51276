"""Seals and puts blocks by a few threads, while the next are made; as many are held as there are threads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Semaphore
from types import TracebackType

from athena_connectors.federation.arrow import legacy_batch
from athena_connectors.federation.model import SpillLocation
from athena_connectors.federation.read.cut import Block
from athena_connectors.federation.read.put import Put
from athena_connectors.federation.read.seal import Seal


class Pipeline:
    """A context manager; blocks are numbered in the order in which they are added, from 0, below `directory`.

    The first error is told to `failed` by the thread that met it, and raised by the next call; no block that has not
    begun by then is put. Leaving on an error waits for nobody.
    """

    def __init__(
        self, directory: SpillLocation, seal: Seal, put: Put, threads: int, failed: Callable[[BaseException], None]
    ) -> None:
        self._directory = directory
        self._seal = seal
        self._put = put
        self._failed = failed
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="spill")
        self._free = Semaphore(threads)
        self._locations: list[SpillLocation] = []
        self._failure: BaseException | None = None

    def __enter__(self) -> "Pipeline":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._threads.shutdown(wait=error is None, cancel_futures=error is not None)

    def add(self, block: Block) -> None:
        """Hand over the next block, as soon as a thread has time for it. Raises what a thread met."""
        self._free.acquire()
        self._raise_failure()
        key = f"{self._directory.key}.{len(self._locations)}"
        location = SpillLocation(self._directory.bucket, key, directory=False)
        self._threads.submit(self._spill, block, location)
        self._locations.append(location)

    def finish(self) -> tuple[SpillLocation, ...]:
        """Where all the blocks are, once they are. Raises what a thread met."""
        self._threads.shutdown(wait=True)
        self._raise_failure()
        return tuple(self._locations)

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _spill(self, block: Block, location: SpillLocation) -> None:
        try:
            if self._failure is None:
                self._put(location, self._seal(legacy_batch(block.batch())))
        except BaseException as error:
            self._failure = self._failure or error
            self._failed(error)
        finally:
            self._free.release()
