"""./run with its helpers replaced: what it calls, in which order, with which words."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = """#!/bin/bash
echo "probity $*"
if [ "$1" = init ]; then
  mkdir -p "$3"
  [ ! -e "$3/$7" ] || exit 3
  touch "$3/$7"
fi
"""


class RunTest(unittest.TestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.root = Path(holder.name)
        shutil.copy(ROOT / "run", self.root / "run")
        for name, text in (("pkg/install", "#!/bin/sh\necho install $*\n"),
                           ("tools/build", "#!/bin/sh\necho build $*\n"),
                           ("build/probity", PROGRAM)):
            path = self.root / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
            path.chmod(0o755)

    def run_it(self, *words: str) -> tuple[int, list[str], str]:
        ran = subprocess.run([self.root / "run", *words], stdin=subprocess.DEVNULL, cwd="/",
                             capture_output=True, text=True, check=False)
        return ran.returncode, ran.stdout.splitlines(), ran.stderr

    def test_first_start_makes_the_tenant_then_serves(self) -> None:
        data = self.root / "data"
        status, lines, _ = self.run_it()
        self.assertEqual(status, 0)
        self.assertEqual(lines, [
            "install build", "build release probity",
            f"probity init --data {data} --public-url https://localhost:8443"
            " --tenant main --name My organisation --owner admin@localhost",
            f"probity serve --data {data} --listen 0.0.0.0:8443"])

    def test_second_start_only_serves(self) -> None:
        self.run_it()
        self.assertEqual([line.split()[:2] for line in self.run_it()[1]][2:],
                         [["probity", "serve"]])

    def test_demonstration_may_be_asked_for_again(self) -> None:
        for _ in range(2):
            status, lines, _ = self.run_it("--demo")
            self.assertEqual(status, 0)
            self.assertTrue(lines[-1].startswith("probity serve"))

    def test_build_only_stops_after_the_build(self) -> None:
        self.assertEqual(self.run_it("--build-only")[1], ["install build", "build release probity"])

    def test_words_after_the_dashes_reach_the_server(self) -> None:
        data = str(self.root / "d")
        lines = self.run_it("--listen", "[::1]:9", "--data", data, "--", "--test-mode")[1]
        self.assertEqual(lines[-1], f"probity serve --data {data} --listen [::1]:9 --test-mode")

    def test_the_set_up_link_begins_with_what_people_type(self) -> None:
        for number, (words, url) in enumerate((
                (("--listen", "0.0.0.0:9443"), "https://localhost:9443"),
                (("--", "--public-url", "https://ask.example.org"), "https://ask.example.org"),
                (("--", "--public-url=https://ask.example.org"), "https://ask.example.org"))):
            lines = self.run_it("--data", str(self.root / f"d{number}"), *words)[1]
            self.assertIn(f"--public-url {url} --tenant main", lines[2])

    def test_refuses_what_it_does_not_know(self) -> None:
        for words in (("--bogus",), ("--data",), ("serve",)):
            status, lines, errors = self.run_it(*words)
            self.assertEqual((status, lines), (2, []), words)
            self.assertIn("run: ", errors)


if __name__ == "__main__":
    unittest.main()
