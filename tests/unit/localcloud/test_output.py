"""What a process prints is taken by the invocation that printed it, whoever gets to run first."""

import os
import threading
from collections.abc import Iterator
from typing import IO

import pytest

from localcloud.functions.output import Output


@pytest.fixture
def pipe() -> Iterator[tuple[Output, IO[bytes]]]:
    """What is read, and the end at which a process would write."""
    read, write = os.pipe()
    output = Output(os.fdopen(read, "rb", buffering=0))
    with os.fdopen(write, "wb", buffering=0) as writing:
        yield output, writing
    output.close()


@pytest.fixture
def busy() -> Iterator[None]:
    """Another thread that hardly lets the reader's run, as on a machine with much to do."""
    ended = threading.Event()

    def spin() -> None:
        while not ended.is_set():
            sum(range(1000))

    thread = threading.Thread(target=spin)
    thread.start()
    yield
    ended.set()
    thread.join()


@pytest.mark.usefixtures("busy")
def test_what_was_written_before_is_taken(pipe: tuple[Output, IO[bytes]]) -> None:
    output, writing = pipe
    for number in range(50):
        writing.write(b"begun %d\n\n" % number)
        writing.write(b"metrics %d\n" % number)
        assert output.take() == [f"begun {number}", "", f"metrics {number}"]
    assert output.take() == []


def test_more_than_a_pipe_holds_is_read_meanwhile(pipe: tuple[Output, IO[bytes]]) -> None:
    output, writing = pipe
    for _ in range(100):
        writing.write(b"x" * 9999 + b"\n")
    assert output.take() == ["x" * 9999] * 100


def test_a_last_line_without_its_end_counts_and_what_is_no_text_is_shown(pipe: tuple[Output, IO[bytes]]) -> None:
    output, writing = pipe
    writing.write(b"no end\xff")
    assert output.take() == ["no end\ufffd"]


def test_what_was_left_in_the_pipe_can_be_taken_after_the_end(pipe: tuple[Output, IO[bytes]]) -> None:
    output, writing = pipe
    writing.write(b"killed\n")
    output.close()
    assert output.take() == ["killed"]
