#!/usr/bin/env python3
"""Turns one data file into a C++ string_view: embed_file.py SYMBOL SOURCE OUT_STEM."""

import sys
from pathlib import Path

LINE_BYTES = 80


def literal(data: bytes) -> str:
    """String literals, one a line; bytes that are not plain ASCII text become octal escapes."""
    lines = []
    for start in range(0, len(data), LINE_BYTES):
        text = ""
        for byte in data[start : start + LINE_BYTES]:
            char = chr(byte)
            if char in '"\\?':
                text += "\\" + char
            elif char == "\n":
                text += "\\n"
            elif 32 <= byte < 127:
                text += char
            else:
                text += f"\\{byte:03o}"
        lines.append(f'    "{text}"')
    return "\n".join(lines) or '    ""'


def write_if_changed(path: Path, text: str) -> None:
    if not path.exists() or path.read_text(encoding="ascii") != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="ascii")


def main() -> None:
    symbol, source, stem = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    data = source.read_bytes()
    write_if_changed(
        Path(stem + ".hpp"),
        "#pragma once\n\n#include <string_view>\n\nnamespace probity::embedded {\n\n"
        f"/// The bytes of {source.name}.\nextern const std::string_view {symbol};\n\n"
        "}  // namespace probity::embedded\n",
    )
    write_if_changed(
        Path(stem + ".cpp"),
        f'#include "embedded/{symbol}.hpp"\n\nnamespace probity::embedded {{\n\n'
        f"constinit const std::string_view {symbol}{{\n{literal(data)},\n    {len(data)}}};\n\n"
        "}  // namespace probity::embedded\n",
    )
    # The build tool compares times: an output older than its source would be made again each time.
    for suffix in (".hpp", ".cpp"):
        Path(stem + suffix).touch()


if __name__ == "__main__":
    main()
