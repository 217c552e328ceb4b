import gzip
import re
import tempfile
import unittest
from pathlib import Path

import embed_console


class Source(unittest.TestCase):
    def test_without_files_the_table_is_empty(self) -> None:
        self.assertIn("std::array<Asset, 0>", embed_console.source(None))

    def test_files_come_in_order_and_twice_the_same(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            dist = Path(folder)
            (dist / "assets").mkdir()
            (dist / "index.html").write_text("<p>x")
            (dist / "assets/b-1.js").write_text("b")
            (dist / "assets/a-1.css").write_text("a{}")
            text = embed_console.source(dist)
            names = re.findall(r'^    \{"([^"]+)"', text, re.M)
            self.assertEqual(names, ["assets/a-1.css", "assets/b-1.js", "index.html"])
            self.assertEqual(text, embed_console.source(dist))
            self.assertIn(f"     {len(gzip.compress(b'b', 9, mtime=0))}}},", text)

    def test_a_type_nobody_declared_is_refused(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "x.exe").write_text("")
            with self.assertRaises(KeyError):
                embed_console.source(Path(folder))


if __name__ == "__main__":
    unittest.main()
