"""What processes of one checkout share, each may fill, and none may find half filled."""

import subprocess
import sys
from pathlib import Path

from toolchain import locked

TAKE = "import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], os.O_RDONLY), fcntl.LOCK_EX | fcntl.LOCK_NB)"


def is_free(directory: Path) -> bool:
    taken = subprocess.run([sys.executable, "-c", TAKE, str(directory)], capture_output=True, text=True, check=False)
    assert taken.returncode == 0 or "BlockingIOError" in taken.stderr, taken.stderr
    return taken.returncode == 0


def test_a_locked_directory_is_there_and_keeps_others_out_until_the_block_ends(tmp_path: Path) -> None:
    with locked(tmp_path / "shared"):
        assert not is_free(tmp_path / "shared")
    assert is_free(tmp_path / "shared")
