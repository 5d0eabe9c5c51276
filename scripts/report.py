"""The demo's report: what the terminal showed, with the pictures that the scenes drew, in one HTML file."""

import io
from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Groundcrew demo</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; color: #1f2328 }}
pre {{ font-size: 13px; line-height: 1.35; overflow-x: auto; background: #f6f8fa; padding: 1rem; border-radius: 6px }}
figure {{ margin: 1.5rem 0 }} svg {{ max-width: 100%; height: auto }}
</style></head><body>
<h1>Groundcrew demo</h1>
{figures}
<h2>What the terminal showed</h2>
{transcript}
</body></html>
"""


def write_report(path: Path, console: Console, figures: Mapping[str, "Figure"]) -> None:
    """Write `path`: each figure under its name, then everything that `console` recorded."""
    drawn = "\n".join(
        f"<figure><h2>{escape(caption)}</h2>{svg(figure)}</figure>" for caption, figure in figures.items()
    )
    code = '<pre><code style="font-family:ui-monospace,monospace">{code}</code></pre>'
    transcript = console.export_html(inline_styles=True, code_format=code)
    path.write_text(PAGE.format(figures=drawn, transcript=transcript))


def svg(figure: "Figure") -> str:
    """`figure` as an SVG element that can stand in a page."""
    buffer = io.StringIO()
    figure.savefig(buffer, format="svg", bbox_inches="tight", metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]
