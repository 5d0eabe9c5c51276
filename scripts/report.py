"""A report: pictures and tables, then what the terminal showed, in one file that is whole."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import matplotlib
from matplotlib.figure import Figure
from rich.console import Console

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 84rem; margin: 2rem auto; padding: 0 1rem; color: #1f2328 }}
h1, h2 {{ line-height: 1.2 }}
figure {{ margin: 1.5rem 0 2.5rem }}
figure > div, .wide {{ overflow-x: auto }}
svg {{ width: 100%; min-width: 56rem; height: auto }}
figcaption {{ max-width: 60rem }}
table {{ border-collapse: collapse; font-size: 14px; margin: 1.5rem 0 }}
caption {{ text-align: left; font-weight: 600; padding-bottom: .5rem }}
th, td {{ text-align: left; vertical-align: top; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid #d0d7de }}
thead th {{ border-bottom: 2px solid #1f2328 }}
tbody th {{ font-weight: 600 }}
pre {{ font-size: 13px; line-height: 1.35; overflow-x: auto; background: #f6f8fa; padding: 1rem; border-radius: 6px }}
</style></head><body>
<h1>{title}</h1>
{chapters}
<h2>What the terminal showed</h2>
{transcript}
</body></html>
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure, with what it is called, what it shows (for who cannot see it), and what there is to learn from it."""

    title: str
    description: str
    caption: str
    figure: Figure


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table; the first cell of each row names the row, and a line break in a cell stays one."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Chapter:
    """What a scene contributes."""

    pictures: Sequence[Picture] = ()
    sheets: Sequence[Sheet] = ()


def write_report(path: Path, console: Console, chapters: Mapping[str, Chapter], title: str = "Groundcrew demo") -> None:
    """Write `path`: each chapter under its name, then everything that `console` recorded."""
    code = '<pre><code style="font-family:ui-monospace,monospace">{code}</code></pre>'
    transcript = console.export_html(inline_styles=True, code_format=code)
    shown = "\n".join(section(name, chapter) for name, chapter in chapters.items())
    path.write_text(PAGE.format(title=escape(title), chapters=shown, transcript=transcript))


def section(name: str, chapter: Chapter) -> str:
    """A chapter as HTML."""
    parts = [f"<h2>{escape(name)}</h2>"]
    for number, picture in enumerate(chapter.pictures):
        drawn = svg(picture, f"{name}-{number}")
        parts.append(f"<figure><div>{drawn}</div><figcaption>{escape(picture.caption)}</figcaption></figure>")
    parts += map(table, chapter.sheets)
    return "<section>\n" + "\n".join(parts) + "\n</section>"


def table(sheet: Sheet) -> str:
    """A table as HTML."""
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in sheet.headings)
    body = []
    for first, *others in sheet.rows:
        cells = "".join(f"<td>{_lines(cell)}</td>" for cell in others)
        body.append(f'<tr><th scope="row">{_lines(first)}</th>{cells}</tr>')
    caption = f"<caption>{escape(sheet.title)}</caption>"
    rows = "\n".join(body)
    return f'<div class="wide"><table>{caption}<thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table></div>'


def _lines(cell: str) -> str:
    return escape(cell).replace("\n", "<br>")


def svg(picture: Picture, identifier: str) -> str:
    """A picture as an SVG element that can stand in a page, under an id of its own.

    Its words stay words, and it names no namespace: in HTML it needs none, and a page without addresses is easily seen
    to fetch nothing.
    """
    buffer = io.StringIO()
    nothing = {"Creator": None, "Date": None, "Format": None, "Type": None}
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": identifier}):
        picture.figure.savefig(buffer, format="svg", metadata=nothing)
    text = buffer.getvalue()
    content = text[text.index(">", text.index("<svg")) + 1 :]
    width, height = (72 * inches for inches in picture.figure.get_size_inches())
    named = f'role="img" aria-labelledby="{identifier}-title {identifier}-description"'
    title = f'<title id="{identifier}-title">{escape(picture.title)}</title>'
    description = f'<desc id="{identifier}-description">{escape(picture.description)}</desc>'
    return f'<svg viewBox="0 0 {width:g} {height:g}" {named}>{title}{description}{content}'
