"""Tests of secret_rules.py: docs/keys.md and the sources agree, each kind of mistake is found."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import secret_rules as rules  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = (ROOT / "docs" / "keys.md").read_text(encoding="utf-8")


def sources() -> str:
    return "\n".join(rules.read(path) for path in rules.product_files(ROOT))


class Repository(unittest.TestCase):
    def test_guesses_meet_secrets_in_constant_time_only(self) -> None:
        self.assertEqual(rules.check_comparisons(ROOT), [])

    def test_every_kind_of_key_has_its_life_written_down(self) -> None:
        self.assertEqual(rules.check_keys(sources(), DOCUMENT), [])
        self.assertGreaterEqual(len(rules.table(DOCUMENT, "Keys")), len(set(rules.KINDS.values())))

    def test_secrets_are_laid_open_where_the_policy_says_only(self) -> None:
        self.assertEqual(rules.check_exposures(ROOT, DOCUMENT), [])

    def test_what_must_not_be_guessed_has_128_random_bits(self) -> None:
        self.assertEqual(rules.check_random(ROOT, sources(), DOCUMENT), [])


class Finding(unittest.TestCase):
    def test_a_comparison_that_stops_early_is_found(self) -> None:
        for text in ("if (given == stored.secret_hash) x();", "return token != expected;",
                     "memcmp(a, b, 32)", "std::ranges::equal(mac, other)",
                     "if (header(\"x-csrf-token\") == csrf_token) {",
                     "password == other.password"):
            self.assertTrue(rules.comparisons(text), text)

    def test_sizes_ends_and_texts_are_no_comparison_of_secrets(self) -> None:
        for text in ("if (token.size() == hash.size()) x();", "// secret == other",
                     "equal_constant_time(a, b)", "log(\"hash == hash\");",
                     "found == tokens.end()", "status == 200"):
            self.assertEqual(rules.comparisons(text), [], text)

    def test_a_key_without_a_line_or_with_another_life_is_found(self) -> None:
        text = sources()
        without = "\n".join(line for line in DOCUMENT.splitlines()
                            if not line.startswith("| TLS tickets"))
        self.assertTrue(rules.check_keys(text, without))
        self.assertTrue(rules.check_keys(text, DOCUMENT.replace("hourly", "daily")))
        self.assertTrue(rules.check_keys(text.replace("k_file_mode = 0600;", "k_file_mode = 0644;"),
                                         DOCUMENT))
        another = "| pet | a | b | c | d | e | f |\n| TLS tickets |"
        self.assertTrue(rules.check_keys(text, DOCUMENT.replace("| TLS tickets |", another)))

    def test_a_file_that_begins_to_see_secrets_is_found(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            room = Path(folder) / "src" / "web"
            room.mkdir(parents=True)
            (room / "peek.cpp").write_text("auto x = key.expose();", encoding="utf-8")
            found = rules.check_exposures(Path(folder), "")
            self.assertEqual(found, ["web/peek.cpp sees the bytes of secrets but is not listed"])

    def test_too_few_random_bytes_are_found(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            room = Path(folder) / "src" / "web"
            room.mkdir(parents=True)
            (room / "pin.cpp").write_text("auto x = crypto::random_bytes(k_pin);", encoding="utf-8")
            document = "## Random values\n\n| file | argument | bytes | what |\n|---|---|---|---|\n"
            line = "| `web/pin.cpp` | `k_pin` | {} | {} |\n"
            for size, what, is_sound in ((16, "pin", True), (4, "pin", False),
                                         (4, "no secret: a colour", True)):
                text = document + line.format(size, what)
                found = rules.check_random(Path(folder), f"k_pin = {size};", text)
                self.assertEqual(found == [], is_sound, found)
            self.assertTrue(rules.check_random(Path(folder), "k_pin = 8;",
                                               document + line.format(16, "pin")))
            self.assertTrue(rules.check_random(Path(folder), "", ""))


if __name__ == "__main__":
    unittest.main()
