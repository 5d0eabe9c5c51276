"""Say what the gate said where the change is discussed: in the run's summary, and in one comment for each plan.

Runs in a job of GitHub Actions, on what `make gate` left. A comment is known again by its first line, and replaced.
Standard library only, so that the job that may write comments installs nothing.
"""

import argparse
import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
AUTHOR = "github-actions[bot]"
PAGE = 100
"""The most comments that one request lists: https://docs.github.com/en/rest/issues/comments"""


class CommentError(Exception):
    """Nothing could be said; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Discussion:
    """A pull request: the API's address of its repository, its number, and a token that may write comments there."""

    repository: str
    number: int
    token: str

    @classmethod
    def of_run(cls, environment: Mapping[str, str]) -> "Discussion | None":
        """The pull request that this run belongs to, or None. Raises CommentError when there is no token for it.

        The variables: https://docs.github.com/en/actions/reference/workflows-and-actions/variables
        """
        event = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_text())
        if "pull_request" not in event:
            return None
        if not environment.get("GITHUB_TOKEN"):
            raise CommentError("No GITHUB_TOKEN: give the step the job's token, and the job `pull-requests: write`.")
        repository = f"{environment['GITHUB_API_URL']}/repos/{environment['GITHUB_REPOSITORY']}"
        return cls(repository, event["pull_request"]["number"], environment["GITHUB_TOKEN"])

    def say(self, text: str) -> None:
        """Replace the comment that begins with the first line of `text`, or write the first such comment."""
        mark = text.splitlines()[0]
        for comment in self._comments():
            # A mark that somebody else wrote or quoted makes no comment ours.
            if comment["user"]["login"] == AUTHOR and comment["body"].splitlines()[:1] == [mark]:
                self._call("PATCH", f"issues/comments/{comment['id']}", {"body": text})
                return
        self._call("POST", f"issues/{self.number}/comments", {"body": text})

    def _comments(self) -> Iterator[dict[str, Any]]:
        page, found = 1, PAGE
        while found == PAGE:
            comments = self._call("GET", f"issues/{self.number}/comments?per_page={PAGE}&page={page}")
            yield from comments
            page, found = page + 1, len(comments)

    def _call(self, method: str, path: str, body: dict[str, str] | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the code host's own address
            f"{self.repository}/{path}",
            method=method,
            data=json.dumps(body).encode() if body else None,
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as response:  # noqa: S310
                return json.load(response)
        except urllib.error.HTTPError as error:
            raise CommentError(f"{method} {path} is answered with {error.code} {error.reason}.") from None
        except OSError as error:
            raise CommentError(f"{self.repository} cannot be reached: {error}.") from None


def main(argv: list[str]) -> int:
    """Say everything in the directory; returns 0, or 1 with a sentence on standard error that says what to do."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--gate", type=Path, default=ROOT / "build" / "gate", help="default: build/gate")
    arguments = parser.parse_args(argv)
    texts = [path.read_text() for path in sorted(arguments.gate.glob("*.md"))]
    try:
        if not texts:
            raise CommentError(f"Nothing to say in {arguments.gate}: run `make gate ROOT=…` first.")
        if "GITHUB_EVENT_PATH" not in os.environ:
            raise CommentError("No GITHUB_EVENT_PATH: this belongs into a job of GitHub Actions.")
        with Path(os.environ["GITHUB_STEP_SUMMARY"]).open("a") as page:
            page.write("\n".join(texts))
        if discussion := Discussion.of_run(os.environ):
            for text in texts:
                discussion.say(text)
    except CommentError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
