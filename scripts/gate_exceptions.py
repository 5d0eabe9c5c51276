"""Reads policies/exceptions.yaml: which findings are accepted, why, by whom and until when."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

NEEDED = ("rule", "address", "reason", "owner", "expires")
OPTIONAL = ("root",)


class ExceptionsError(Exception):
    """The file cannot be understood; the message says what it should hold."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One accepted finding, until the end of the day `expires`; only in `root` when that is given."""

    rule: str
    address: str
    reason: str
    owner: str
    expires: date
    root: str | None = None

    def __str__(self) -> str:
        return f"{self.rule} at {self.address}"


@dataclass(frozen=True, slots=True)
class Exceptions:
    """The entries that hold, and what is wrong with the others: each complaint names the entry and who must act."""

    entries: tuple[Entry, ...] = ()
    complaints: tuple[str, ...] = ()

    def accepting(self, rule: str, address: str, root: str) -> Entry | None:
        """The entry that accepts such a finding in `root`, or None."""
        for entry in self.entries:
            if (entry.rule, entry.address) == (rule, address) and entry.root in (None, root):
                return entry
        return None

    def unused(self, used: set[Entry], root: str) -> list[str]:
        """A complaint for each entry that should have accepted something in `root`, and did not."""
        idle = [entry for entry in self.entries if entry not in used and entry.root in (None, root)]
        return [
            f"the exception for {entry} accepts nothing here: {entry.owner} deletes it, or limits it by `root`"
            for entry in idle
        ]


def read(path: Path, today: date) -> Exceptions:
    """The exceptions in `path`, none when there is no such file; raises ExceptionsError when it has another shape."""
    if not path.is_file():
        return Exceptions()
    try:
        said = yaml.safe_load(path.read_text())
    except yaml.YAMLError as error:
        raise ExceptionsError(f"{path.name} is not YAML: {error}") from error
    items = said.get("exceptions") if isinstance(said, dict) and said.keys() == {"exceptions"} else None
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise ExceptionsError(f"{path.name} holds one list, `exceptions`, of entries: {', '.join(NEEDED)}, maybe root.")
    entries, complaints = [], []
    for number, item in enumerate(items, start=1):
        if wrong := _wrong(item, today):
            name = f"exception {number} ({item.get('rule', 'no rule')} at {item.get('address', 'no address')})"
            complaints.append(f"the {name} {wrong}")
        else:
            entries.append(Entry(**{**item, "expires": _date(item["expires"])}))
    return Exceptions(tuple(entries), tuple(complaints))


def _wrong(item: dict[str, Any], today: date) -> str | None:
    """What is wrong with an entry and who must act, or None."""
    who = item.get("owner") or "whoever wrote it"
    missing = [name for name in NEEDED if not item.get(name)]
    if missing:
        return f"is incomplete: {who} adds {', '.join(missing)}"
    if unknown := sorted(item.keys() - {*NEEDED, *OPTIONAL}):
        return f"says {', '.join(map(str, unknown))}, which means nothing: {who} removes it"
    expires = _date(item["expires"])
    if expires is None:
        return f"expires {item['expires']!r}, which is no date like 2027-03-31: {who} mends it"
    if expires < today:
        return f"expired on {expires}: {who} mends the finding, or argues for another date"
    return None


def _date(value: Any) -> date | None:
    """YAML reads an unquoted date by itself."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
