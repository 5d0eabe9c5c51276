"""Where in the Terraform files a planned resource stands, and which rules its block asks to skip.

checkov can look this up itself, but by type and name only: a skip comment in one module would then silence the resource
of the same name in every other. The plan says which module holds what.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

INDEX = re.compile(r'\[(?:"(?:[^"\\]|\\.)*"|\d+)\]')
SKIP = re.compile(r"(?:#|//)\s*checkov:skip=(\w+):[ \t]*(\S.*)")


@dataclass(frozen=True, slots=True)
class Place:
    """A block in a file: its first line, and the rules that its comments skip, each with the reason."""

    file: Path
    line: int
    skips: dict[str, str] = field(default_factory=dict)


class PlanSources:
    """Finds blocks by the addresses of `plan`, whose root module is in `directory`."""

    def __init__(self, plan: dict[str, Any], directory: Path) -> None:
        self._root = plan["configuration"]["root_module"]
        self._directory = directory.resolve()
        self._texts: dict[Path, str] = {}

    def find(self, address: str) -> Place | None:
        """The block of a resource or data source; that of the module call when its source is not a local directory.

        None when the files do not hold it: they are not those that were planned.
        """
        *modules, block = re.split(r"\.(?=module\.|(?:data\.)?\w+\.[\w-]+$)", INDEX.sub("", address))
        directory, configuration = self._directory, self._root
        for module in modules:
            name = module.removeprefix("module.")
            call = configuration.get("module_calls", {}).get(name)
            if call is None:
                return None
            if not call["source"].startswith(("./", "../")):
                return self._block(directory, f'module "{name}"')
            directory, configuration = (directory / call["source"]).resolve(), call["module"]
        kind, label = block.removeprefix("data.").split(".")
        return self._block(directory, f'{"data" if block.startswith("data.") else "resource"} "{kind}" "{label}"')

    def _block(self, directory: Path, header: str) -> Place | None:
        spaced = r"[ \t]+".join(re.escape(word) for word in header.split())
        begins = re.compile(rf"(?m)^{spaced}[ \t]*\{{")
        for path in sorted(directory.glob("*.tf")):
            text = self._texts.setdefault(path, path.read_text())
            if match := begins.search(text):
                # `terraform fmt` puts the brace that ends a block, and no other, at the start of a line.
                block = text[match.start() :].split("\n}", 1)[0]
                return Place(path, text.count("\n", 0, match.start()) + 1, dict(SKIP.findall(block)))
        return None
