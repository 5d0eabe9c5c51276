"""Judge the workflows, the action and their updates: by the code host's schemas, and by zizmor, both offline."""

import subprocess
import sys

from toolchain import ROOT

SCHEMAS = {
    "vendor.github-workflows": ".github/workflows/*.yml",
    "vendor.github-actions": "action.yml",
    "vendor.dependabot": ".github/dependabot.yml",
}
# Strict: what cannot be read would else be left out, and pass.
ZIZMOR = [
    "zizmor",
    "--offline",
    "--strict-collection",
    "--persona",
    "auditor",
    "--no-progress",
    ".github",
    "action.yml",
]


def main() -> int:
    """Print what is wrong; returns 1 when something is."""
    commands = [ZIZMOR]
    for schema, pattern in SCHEMAS.items():
        files = [str(path.relative_to(ROOT)) for path in sorted(ROOT.glob(pattern))]
        commands.append(["check-jsonschema", "--builtin-schema", schema, *files])
    failed = False
    for name, *arguments in commands:
        tool = str(ROOT / ".venv" / "bin" / name)
        result = subprocess.run([tool, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
        if result.returncode:
            failed = True
            print(result.stdout, result.stderr, sep="", file=sys.stderr)
    return int(failed)


if __name__ == "__main__":
    raise SystemExit(main())
