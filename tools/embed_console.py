#!/usr/bin/env python3
"""Writes the built console as one C++ source: embed_console.py OUT.cpp [DIST].

Each file becomes gzip bytes, a type and an ETag, in order of path. The same files give the same
source: compression has no time in it. Without DIST the table is empty.
"""

import gzip
import hashlib
import sys
from pathlib import Path

from embed_file import literal, write_if_changed

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".woff2": "font/woff2",
}
ETAG_HEX = 32


def entry(root: Path, path: Path) -> str:
    data = path.read_bytes()
    packed = gzip.compress(data, 9, mtime=0)
    etag = hashlib.sha256(data).hexdigest()[:ETAG_HEX]
    name = path.relative_to(root).as_posix()
    return (f'    {{"{name}", "{TYPES[path.suffix]}",\n'
            f"     std::string_view{{\n{literal(packed)},\n     {len(packed)}}},\n"
            f'     "\\"{etag}\\""}},\n')


def source(dist: Path | None) -> str:
    files = sorted(path for path in dist.rglob("*") if path.is_file()) if dist else []
    files.sort(key=lambda path: path.relative_to(dist).as_posix() if dist else "")
    table = "".join(entry(dist, path) for path in files) if dist else ""
    return ('#include "console/assets.hpp"\n\n#include <array>\n\nnamespace probity::console {\n'
            f"namespace {{\n\nconstexpr std::array<Asset, {len(files)}> k_files{{{{\n{table}"
            "}};\n\n}  // namespace\n\nstd::span<const Asset> assets() { return k_files; }\n\n"
            "}  // namespace probity::console\n")


def main() -> None:
    out = Path(sys.argv[1])
    dist = Path(sys.argv[2]) if len(sys.argv) > 2 else None
    write_if_changed(out, source(dist))
    out.touch()


if __name__ == "__main__":
    main()
