"""Seals and puts blocks by a few threads, while the next are made; as many are held as there are threads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from queue import SimpleQueue
from types import TracebackType

import pyarrow as pa

from athena_connectors.federation.arrow import legacy_batch
from athena_connectors.federation.model import SpillLocation
from athena_connectors.federation.read.cut import Block
from athena_connectors.federation.read.put import Put
from athena_connectors.federation.read.seal import Seal


class Memory:
    """What one block after another is written to: fresh memory for each would cost more than what is done with it."""

    def __init__(self) -> None:
        self._buffer = pa.allocate_buffer(0)

    def allocate(self, size: int) -> pa.Buffer:
        """At least `size` bytes; what the last call gave is void."""
        if self._buffer.size < size:
            self._buffer = pa.allocate_buffer(size)
        return self._buffer


@dataclass(frozen=True, slots=True)
class Bench:
    """Where a thread works: a block is here as a message, then sealed."""

    message: Memory = field(default_factory=Memory)
    sealed: Memory = field(default_factory=Memory)


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
        self._free: SimpleQueue[Bench] = SimpleQueue()
        for _ in range(threads):
            self._free.put(Bench())
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
        bench = self._free.get()
        self._raise_failure()
        key = f"{self._directory.key}.{len(self._locations)}"
        location = SpillLocation(self._directory.bucket, key, directory=False)
        self._threads.submit(self._spill, [block], location, bench)
        self._locations.append(location)

    def finish(self) -> tuple[SpillLocation, ...]:
        """Where all the blocks are, once they are. Raises what a thread met."""
        self._threads.shutdown(wait=True)
        self._raise_failure()
        return tuple(self._locations)

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _spill(self, waiting: list[Block], location: SpillLocation, bench: Bench) -> None:
        """Put the block that is `waiting`, from where it is taken, lest it is held until it is put."""
        try:
            if self._failure is None:
                message = legacy_batch(waiting.pop().batch(), bench.message.allocate)
                self._put(location, self._seal(message, bench.sealed.allocate))
        except BaseException as error:
            self._failure = self._failure or error
            self._failed(error)
        finally:
            self._free.put(bench)
