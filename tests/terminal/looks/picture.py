"""Pictures of a running app: an SVG screenshot as a plain-text grid to compare, and as a PNG for people to look at.

To look at a sample of the gallery: `python -m tests.terminal.looks.picture order --size 120x36 --light OUT.png`.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import re
from pathlib import Path

import resvg_py
from rich.cells import cell_len
from textual.app import App

from terminal.theme.palette import DARK, LIGHT
from tests.terminal.looks.gallery import GALLERY

CELL_WIDTH = 12.2
FONT = "DejaVu Sans Mono"
_TEXT = re.compile(r'<text [^>]*? x="([\d.]+)"[^>]*?clip-path="url\(#[^"]*?-line-(\d+)\)">(.*?)</text>', re.S)


def text_grid(svg: str) -> str:
    """The characters of a screenshot, row by row, without colours and without blanks at the end."""
    rows: dict[int, list[tuple[int, str]]] = {}
    for x, line, text in _TEXT.findall(svg):
        rows.setdefault(int(line), []).append((round(float(x) / CELL_WIDTH), html.unescape(text).replace("\xa0", " ")))
    lines = []
    for at in range(max(rows, default=-1) + 1):
        written = ""
        for column, text in sorted(rows.get(at, ())):
            written += " " * (column - cell_len(written)) + text
        lines.append(written.rstrip())
    return "\n".join(lines) + "\n"


def repaired(svg: str) -> str:
    """The screenshot for an offline renderer: leading blanks kept, a font that is installed, rows that meet."""
    svg = re.sub(r"@font-face\s*\{.*?\}\s*", "", svg, flags=re.S)
    svg = svg.replace("Fira Code, monospace", f"'{FONT}', monospace")
    svg = svg.replace("<text ", '<text xml:space="preserve" ')
    return svg.replace("font-size: 20px", "font-size: 21.5px")


def png(svg: str) -> bytes:
    """The screenshot as a PNG."""
    return bytes(resvg_py.svg_to_bytes(svg_string=repaired(svg)))


async def screenshot(app: App[None], size: tuple[int, int]) -> str:
    """Run an app without a terminal until it is quiet, and take its SVG."""
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        return app.export_screenshot()


def main() -> None:
    """Write one sample of the gallery as a PNG."""
    parser = argparse.ArgumentParser()
    parser.add_argument("sample", choices=sorted(GALLERY))
    parser.add_argument("target", type=Path)
    parser.add_argument("--size", default="120x36")
    parser.add_argument("--light", action="store_true")
    options = parser.parse_args()
    width, height = map(int, options.size.split("x"))
    app = GALLERY[options.sample](LIGHT if options.light else DARK)
    options.target.write_bytes(png(asyncio.run(screenshot(app, (width, height)))))


if __name__ == "__main__":
    main()
