"""Resolve each dependency group of pyproject.toml into a hashed requirement file that names no index."""

import os
import subprocess
import sys
import tomllib

from toolchain import FUNCTION_PYTHON, ROOT, UV

OLDEST_PYTHON = "3.11"


def main(argv: list[str]) -> int:
    """Write requirements/<group>.txt for every group, or for those named; `--upgrade` takes newer versions."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    chosen = [name for name in argv if not name.startswith("-")] or list(groups)
    upgrade = [flag for flag in argv if flag == "--upgrade"]
    for group in chosen:
        # A payload is built for the function's Python alone; the rest runs on any that we support.
        payload = any(group.startswith(directory.name) for directory in (ROOT / "lambda_src").iterdir())
        python = FUNCTION_PYTHON if payload else OLDEST_PYTHON
        flags = ["--generate-hashes", "--no-emit-index-url", "--no-header", "--universal", "--python-version", python]
        out = f"requirements/{group}.txt"
        compile_group = ["pip", "compile", "--quiet", "pyproject.toml", "--group", group, "-o", out]
        command = [str(UV), *compile_group, *flags, *upgrade]
        environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=environment)
        if result.returncode:
            print(result.stderr, file=sys.stderr)
            return result.returncode
        print(out)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
