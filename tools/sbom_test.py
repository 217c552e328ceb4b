"""The bill of materials: what it reads out of loader, copyright and lock files."""

import json
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import sbom  # noqa: E402


class ReadingTest(unittest.TestCase):
    def test_loader_lines(self) -> None:
        text = (
            "\tlinux-vdso.so.1 (0x00007ffc)\n"
            "\tlibssl.so.3 => /lib/x86_64-linux-gnu/libssl.so.3 (0x00007f)\n"
            "\t/lib64/ld-linux-x86-64.so.2 (0x00007f)\n")
        self.assertEqual(
            sbom.libraries(text),
            ["/lib/x86_64-linux-gnu/libssl.so.3", "/lib64/ld-linux-x86-64.so.2"])

    def test_licences(self) -> None:
        text = "Files: *\nLicense: BSL-1.0\n\nFiles: a\nLicense: Expat\n\nLicense: BSL-1.0\n w\n"
        self.assertEqual(sbom.licences_in(text), ["BSL-1.0", "Expat"])

    def test_npm_lock(self) -> None:
        lock = {"packages": {"": {"name": "x"}, "node_modules/@a/b": {
            "version": "1.2.3", "license": "MIT"}}}
        self.assertEqual(sbom.npm_components(json.dumps(lock), "excluded")[0]["purl"],
                         "pkg:npm/%40a/b@1.2.3")

    def test_a_program_of_this_machine(self) -> None:
        made = sbom.bill(Path("/usr/bin/ninja"))
        names = {component["name"] for component in made["components"]}
        self.assertIn("libc6", names)
        self.assertIn("libboost1.81-dev", names)


class LicencesPageTest(unittest.TestCase):
    def test_every_linked_library_is_on_the_page(self) -> None:
        page = (sbom.ROOT / "docs/licences.md").read_text(encoding="utf-8")
        listed = (sbom.ROOT / "pkg/packages.txt").read_text(encoding="utf-8").splitlines()
        for line in listed:
            group, _, name = line.partition(" ")
            if group == "build" and name.endswith("-dev"):
                self.assertIn(f"`{name}`", page)


if __name__ == "__main__":
    unittest.main()
