"""JSON with comments, as editors write it, as a tree with line numbers. JSON is read by the reader of YAML."""

from __future__ import annotations

from secaudit.tables.project._yaml import Node, load


def load_jsonc(data: bytes, origin: str = "") -> Node | None:
    """The value of a file; None for an empty one.

    Raises:
        Unreadable: no JSON, or beyond the bounds.
    """
    text = data.decode("utf-8", "replace").lstrip("\ufeff")
    documents = load(_plain(text).encode("utf-8", "replace"), origin)
    return documents[0] if documents else None


def _plain(text: str) -> str:
    """Comments and tabs as spaces, line ends kept; escapes of halves of characters as a question mark."""
    out: list[str] = []
    position, in_text = 0, False
    while position < len(text):
        char = text[position]
        if in_text:
            if char == "\\":
                pair = text[position : position + 2]
                if (
                    pair == "\\u"
                    and text[position + 2 : position + 3] in ("d", "D")
                    and text[position + 3 : position + 4].lower() in "89abcdef"
                ):
                    out.append("?")
                    position += 6
                    continue
                out.append("/" if pair == "\\/" else pair)
                position += 2
                continue
            in_text = char != '"'
            out.append(char)
            position += 1
        elif char == '"':
            in_text = True
            out.append(char)
            position += 1
        elif text.startswith("//", position):
            stop = text.find("\n", position)
            position = len(text) if stop < 0 else stop
        elif text.startswith("/*", position):
            stop = text.find("*/", position)
            stop = len(text) if stop < 0 else stop + 2
            out.append("\n" * text.count("\n", position, stop))
            position = stop
        else:
            out.append(" " if char == "\t" else char)
            out.append(" " if char == ":" else "")
            position += 1
    return "".join(out)
