"""Tables in texts without markup: lines whose columns are set apart by blanks stay lines.

In a body's text the cells of a table from markup are separated by a tab, those of a table that was set with blanks by
two blanks; the rows are lines of one paragraph.
"""

from __future__ import annotations

import re
from itertools import pairwise

#: Between two columns: a tab, or at least three blanks; or two, where a line has two such gaps.
_GAP = re.compile(r"(?<=\S)(?:\t| {3})(?=[ \t]{0,200}\S)")
_GAPS_OF_TWO = re.compile(r"(?<=[^\s.!?:]) {2}(?=\S)")
_BLANKS = re.compile(r"[ \t]{2,}|\t")
#: Between cells and parts of cells of which one is a paragraph by itself.
_PARAGRAPH_IN_ROW = re.compile(r" \t| {2}")
_GAP_OF_COLUMNS = re.compile(r" {2,}")
_LEAST_ROWS = 2
#: A list has so many breaks, and so many of them are on purpose; prose is ragged by so many characters.
_LEAST_BREAKS, _MOST_BREAKS, _RAGGED = 2, 0.75, 12
_MAX_LINE = 200


def is_row(line: str) -> bool:
    """Whether a line has columns."""
    stripped = line.strip()
    if not stripped or len(stripped) > _MAX_LINE:
        return False
    return _GAP.search(stripped) is not None or len(_GAPS_OF_TWO.findall(stripped)) > 1


def cells(line: str) -> str:
    """A row with two blanks between its cells."""
    return "  ".join(part for part in (" ".join(cell.split()) for cell in _BLANKS.split(line.strip())) if part)


def is_list(lines: list[str], width: int) -> bool:
    """Whether lines were broken on purpose: most of them are so short that the next word would have fitted.

    Args:
        lines: of one paragraph.
        width: of the longest line of the whole text, in characters.
    """
    pairs = [(line.strip(), following.split()) for line, following in pairwise(lines)]
    if len(pairs) < _LEAST_BREAKS or width > _MAX_LINE:
        return False
    on_purpose = sum(bool(words) and len(line) + 1 + len(words[0]) <= width - _RAGGED for line, words in pairs)
    return on_purpose >= _MOST_BREAKS * len(pairs)


def joined(lines: list[str], *, as_written: bool = False, width: int = 0) -> str:
    """The lines of one paragraph as one; those of a table or a list stay lines.

    Args:
        lines: of the paragraph.
        as_written: leave the blanks within the lines as they are.
        width: of the longest line of the whole text; 0: lists are not looked for.
    """
    if width and is_list(lines, width):
        return "\n".join(text for line in lines if (text := line.strip() if as_written else cells(line)))
    row = str.strip if as_written else cells
    prose_of = _stripped if as_written else _collapsed
    marks = [is_row(line) for line in lines]
    parts: list[str] = []
    prose: list[str] = []
    index = 0
    while index < len(lines):
        end = index
        while end < len(lines) and marks[end]:
            end += 1
        if end - index >= _LEAST_ROWS:
            parts += [prose_of(prose), *(row(line) for line in lines[index:end])]
            prose, index = [], end
        else:
            prose.append(lines[index])
            index += 1
    return "\n".join(part for part in (*parts, prose_of(prose)) if part)


def _collapsed(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())


def _stripped(lines: list[str]) -> str:
    return " ".join(line.strip() for line in lines)


def merged(blocks: list[list[str]]) -> list[str]:
    """Paragraphs of lines as text; rows that were paragraphs by themselves become the lines of one, with tabs."""
    width = max((len(line.strip()) for block in blocks for line in block), default=0)
    texts: list[str] = []
    row_before = False
    for block in blocks:
        row = len(block) == 1 and is_row(block[0])
        if row and row_before:
            texts[-1] = "\n".join((texts[-1].replace("  ", "\t"), cells(block[0]).replace("  ", "\t")))
        elif text := cells(block[0]) if row else joined(block, width=width):
            texts.append(text)
        row_before = row
    return texts


def on_one_line(body: str | None, *, as_written: bool) -> str | None:
    """A body as it was before tables kept their rows; ids that are a hash of a text are made from this.

    Args:
        body: as a parser of Wiredesk gives it.
        as_written: the parser leaves blanks within lines as they are.
    """
    if not body or ("\t" not in body and "\n" not in body.replace("\n\n", "")):
        return body
    blocks = []
    for block in body.split("\n\n"):
        if "\n" not in block and "\t" not in block:
            blocks.append(block)
            continue
        if as_written:
            blocks.append(" ".join(line for line in block.split("\n") if line))
        elif "\t" in block:
            pieces = _PARAGRAPH_IN_ROW.sub("\n", block).split("\n")
            blocks.append("\n\n".join(text for piece in pieces if (text := " ".join(piece.split()))))
        else:
            blocks.append(" ".join(block.split()))
    return "\n\n".join(block for block in blocks if block)


def with_tabs(paragraphs: list[str]) -> list[str]:
    """The paragraphs; those of several lines with tabs between the columns."""
    return [
        "\n".join(_columns(line) for line in paragraph.split("\n"))
        if "\n" in paragraph or "\t" in paragraph
        else paragraph
        for paragraph in paragraphs
    ]


def _columns(line: str) -> str:
    return (
        "\t".join(" ".join(cell.split()) for cell in line.split("\t"))
        if "\t" in line
        else _GAP_OF_COLUMNS.sub("\t", line)
    )
