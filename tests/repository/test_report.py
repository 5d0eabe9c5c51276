"""The demo's report is one page that needs nothing else, whatever its words are."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from rich.console import Console

from report import Chapter, Picture, Sheet, write_report

VOID = {"meta", "br"}


class Page(HTMLParser):
    """Every element with its attributes, and the text; raises when elements are not closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture
def written(tmp_path: Path) -> str:
    figure = Figure(figsize=(4, 2))
    axes = figure.subplots()
    axes.plot([1, 2], "o")
    axes.set_title("a <b> & c")
    chapter = Chapter(
        [Picture("Title <1>", "What & why", "Caption <2>", figure), Picture("Other", "b", "c", figure)],
        [Sheet("Sheet <3>", ("head <4>", "x"), [("<row>", "one\n<two>")])],
    )
    console = Console(record=True, file=(tmp_path / "shown").open("w"))
    console.print("transcript <5>")
    write_report(tmp_path / "report.html", console, {"root": chapter})
    console.file.close()
    return (tmp_path / "report.html").read_text()


def test_it_fetches_nothing(written: str) -> None:
    assert "://" not in written
    assert "@import" not in written
    page = Page(written)
    assert not {tag for tag, _ in page.elements} & {"script", "link", "img", "iframe", "object", "embed", "base"}
    for _, attributes in page.elements:
        for name, value in attributes.items():
            assert name not in {"src", "srcset", "action"}
            if name in {"href", "xlink:href"}:
                assert (value or "").startswith("#")
    assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)\)", written))


def test_words_are_escaped(written: str) -> None:
    page = Page(written)
    for word in ("Title <1>", "Caption <2>", "Sheet <3>", "head <4>", "<row>", "<two>", "transcript <5>", "a <b> & c"):
        assert word in page.text
    assert not {tag for tag, _ in page.elements} & {"b", "row", "two"}


def test_it_can_be_read_aloud(written: str) -> None:
    page = Page(written)
    ((_, root), *_) = page.elements
    assert root["lang"] == "en"
    drawn = [found for tag, found in page.elements if tag == "svg"]
    texts = {found.get("id"): tag for tag, found in page.elements if tag in {"title", "desc"}}
    assert len(drawn) == 2
    for element in drawn:
        assert element["role"] == "img"
        assert [texts[name] for name in (element["aria-labelledby"] or "").split()] == ["title", "desc"]
    assert [tag for tag, _ in page.elements if re.fullmatch(r"h\d", tag)] == ["h1", "h2", "h2"]
    assert [found["scope"] for tag, found in page.elements if tag == "th"] == ["col", "col", "row"]


def test_pictures_come_first_and_the_terminal_last(written: str) -> None:
    marks = [written.index(mark) for mark in ("<svg", "<figcaption", "<table", "<h2>What the terminal", "transcript ")]
    assert marks == sorted(marks)


def test_the_same_picture_gives_the_same_bytes(written: str, tmp_path: Path) -> None:
    drawn = re.findall(r"<svg.*?</svg>", written, re.DOTALL)
    assert len(drawn) == 2
    assert "<date" not in written
    figure = Figure(figsize=(1, 1))
    pages = []
    for number in range(2):
        write_report(
            tmp_path / f"{number}.html", Console(record=True), {"r": Chapter([Picture("t", "d", "c", figure)])}
        )
        pages.append((tmp_path / f"{number}.html").read_text())
    assert pages[0] == pages[1]
