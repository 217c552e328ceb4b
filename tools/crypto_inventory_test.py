"""Tests of crypto_inventory.py: the table of docs/keys.md is complete, and mistakes are found."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import crypto_inventory as inventory  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]
KEYS = ROOT / "docs" / "keys.md"


class Repository(unittest.TestCase):
    def test_everything_used_is_listed(self) -> None:
        listed = inventory.inventory(KEYS.read_text(encoding="utf-8"))
        self.assertGreater(len(listed), 20)
        self.assertEqual(inventory.check(inventory.uses(ROOT), listed), [])
        self.assertEqual(inventory.check_places(ROOT), [])

    def test_the_migration_plan_is_there(self) -> None:
        text = KEYS.read_text(encoding="utf-8")
        plan = text.partition("## When something breaks")[2]
        for word in ("algorithm", "rotate-keys", "Post-quantum"):
            self.assertIn(word, plan)

    def test_tests_and_benchmarks_are_left_out(self) -> None:
        names = {path.name for path in inventory.product_files(ROOT)}
        self.assertIn("cipher.cpp", names)
        self.assertFalse([name for name in names if name.endswith(("_test.cpp", "_bench.cpp"))])


class Finding(unittest.TestCase):
    def test_calls_names_and_suites_are_found(self) -> None:
        for text, name in {
            "EVP_aes_256_cbc()": "EVP_aes_256_cbc",
            "EVP_CIPHER_fetch(nullptr, \"AES-256-GCM\", nullptr)": "AES-256-GCM",
            "EVP_EC_gen(\"P-256\")": "P-256",
            "crypto_secretbox_easy(a, b)": "crypto_secretbox_easy",
            "getrandom(p, 4, 0)": "getrandom",
            "sqlite3_key_v2(db, 0, key, 32)": "sqlite3_key_v2",
            "\"X25519:P-256\"": "X25519",
            "\"ECDHE-RSA-AES128-GCM-SHA256:\"": "ECDHE-RSA-AES128-GCM-SHA256",
            "std::mt19937_64 g;": "mt19937_64",
        }.items():
            self.assertIn(name, inventory.uses_in(text), text)

    def test_comments_and_other_words_are_no_use(self) -> None:
        for text in ("// EVP_md5()", "/* rand() */", "operand(x)", "crypto_probes(x)", "\"plain\""):
            self.assertEqual(inventory.uses_in(text), set(), text)

    def test_names_are_no_use_where_no_library_is(self) -> None:
        self.assertEqual(inventory.uses_in('"TLS_AES_128_GCM_SHA256"', "attest"), set())
        self.assertEqual(inventory.uses_in("getrandom(p, 4, 0)", "attest"), {"getrandom"})

    def test_an_unlisted_algorithm_is_found(self) -> None:
        self.assertTrue(inventory.check({"EVP_sha512": {"crypto"}}, {}))
        used = {"EVP_sha512": {"crypto"}}
        self.assertEqual(inventory.check(used, used), [])

    def test_another_room_and_a_stale_line_are_found(self) -> None:
        self.assertTrue(inventory.check({"HMAC": {"crypto", "web"}}, {"HMAC": {"crypto"}}))
        self.assertTrue(inventory.check({}, {"HMAC": {"crypto"}}))

    def test_what_must_never_be_used_is_refused(self) -> None:
        for text in ("EVP_md5()", "EVP_aes_128_ecb()", "EVP_sha1()", "EVP_des_ede3_cbc()",
                     "EVP_rc4()", "rand()", "srand(1)", "std::mt19937 g;", "std::random_device d;",
                     "PKCS5_PBKDF2_HMAC(a)",
                     "EVP_MD_fetch(nullptr, \"MD5\", nullptr)",
                     "EVP_MD_fetch(nullptr, \"SHA-1\", nullptr)"):
            used = {name: {"x"} for name in inventory.uses_in(text)}
            self.assertTrue(used, text)
            found = inventory.check(used, {name: {"x"} for name in used})
            self.assertIn("must not", " ".join(found), text)
        for text in ("crypto_sign_seed_keypair(a)", "crypto_pwhash_str_verify(a)"):
            used = {name: {"x"} for name in inventory.uses_in(text)}
            self.assertEqual(inventory.check(used, {name: {"x"} for name in used}), [], text)

    def test_what_has_one_place_is_refused_in_any_other(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for name in ("crypto/totp.cpp", "crypto/hash.cpp", "net/tls.cpp"):
                path = root / "src" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("EVP_MD_fetch(nullptr, \"SHA1\", nullptr);\n", encoding="utf-8")
            for name in ("crypto/password.cpp", "identity/hasher.cpp"):
                path = root / "src" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text("crypto_pwhash(k, 32);\n", encoding="utf-8")
            found = inventory.check_places(root)
        self.assertEqual([problem.split(":")[0] for problem in found],
                         ["SHA1 is used in src/crypto/hash.cpp",
                          "crypto_pwhash is used in src/identity/hasher.cpp",
                          "SHA1 is used in src/net/tls.cpp"])


if __name__ == "__main__":
    unittest.main()
