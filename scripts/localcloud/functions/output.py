"""What a function's process prints, line by line."""

import os
import select
import threading
from typing import IO

CHUNK_BYTES = 65536
PATIENCE_MS = 200
"""How long one look for more output takes; a process that a function left behind may keep the pipe open for ever."""


class Output:
    """The lines that come out of `pipe`, which belongs to this object; a thread reads, so that the pipe never fills up.

    Whoever takes the lines reads as well: what was in the pipe then is among them, however far the thread has come.
    """

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        os.set_blocking(pipe.fileno(), False)
        self._lock = threading.Lock()
        self._text = b""
        self._is_open = True
        self._thread = threading.Thread(target=self._follow, name="output", daemon=True)
        self._thread.start()

    def take(self) -> list[str]:
        """The lines that were written before this call and have not been taken yet; the last one may lack its end."""
        with self._lock:
            self._read()
            text, self._text = self._text, b""
        return text.decode(errors="replace").removesuffix("\n").split("\n") if text else []

    def close(self) -> None:
        """Read what is left and close the pipe."""
        with self._lock:
            self._read()
            self._is_open = False
        self._thread.join()
        self._pipe.close()

    def _follow(self) -> None:
        poll = select.poll()
        poll.register(self._pipe, select.POLLIN)
        while True:
            poll.poll(PATIENCE_MS)
            with self._lock:
                self._read()
                if not self._is_open:
                    return

    def _read(self) -> None:
        """Read all that there is by now."""
        while self._is_open:
            try:
                chunk = os.read(self._pipe.fileno(), CHUNK_BYTES)
            except BlockingIOError:
                return
            self._is_open = chunk != b""  # the end
            self._text += chunk
