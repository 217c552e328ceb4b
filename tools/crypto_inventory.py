#!/usr/bin/env python3
"""Finds every use of cryptography in the sources and holds it against docs/keys.md.

tools/crypto_inventory.py [--list]

Each algorithm, generator and library call that chooses one must stand in the inventory table with
the rooms that use it, and nothing may stand there that the sources do not use. What must never be
used is refused whatever the table says. Exit status 1 when something differs.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("*.cpp", "*.hpp")
# Tests and benchmarks may use what the product does not, to show that it is refused.
NOT_PRODUCT = re.compile(r"_(test|fuzz|bench)\.(cpp|hpp)$|_client\.(cpp|hpp)$|_client_test\.hpp$")

CALLS = re.compile(
    r"\b(?:"
    r"(EVP_(?:aes|aria|bf|blake2|camellia|cast5|chacha20|des|desx|idea|md4|md5|mdc2|rc2|rc4|rc5"
    r"|ripemd160|seed|sha\d?|sha3|shake\d+|sm\d|whirlpool)\w*)"
    r"|((?:crypto_(?:aead|auth|box|core|generichash|hash|kdf|kx|onetimeauth|pwhash|scalarmult"
    r"|secretbox|secretstream|shorthash|sign|stream)\w*))"
    r"|(fido_(?:assert|cred)_verify\w*)"
    r"|(RAND_\w+|getrandom|getentropy|randombytes\w*|PKCS5_\w+|sqlite3_key\w*|rand|srand|drand48)"
    r")\s*\(")
NAMED = re.compile(r'(?:_fetch\(\s*\w+,\s*|EVP_EC_gen\(|EVP_PKEY_Q_keygen\([^"]*)"([^"]+)"')
TEXT = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
NAME = re.compile(
    r"^(?:TLS_[A-Z0-9_]{8,}|(?:EC)?DHE-[A-Z0-9-]+|X25519|X448|P-\d{3}|ffdhe\d+"
    r"|(?:ECDSA|RSA|RSA-PSS|DSA)\+SHA\d+|ed25519|ed448|MD5|SHA-?1|SHA\d{3}|SHA2-\d{3}|SHA3-\d{3})$")
ENGINES = re.compile(r"\bstd::(mt19937\w*|minstd_rand\w*|random_device|default_random_engine)\b")
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.S)

NEVER = re.compile(
    r"ecb|md4|md5|mdc2|rc2|rc4|rc5|_des|desx|_bf|idea|cast5|seed_|ripemd|SHA-?1$|^DSA|ffdhe|"
    # Generators that can be guessed, and keys made from passwords.
    r"^s?rand$|drand48|mt19937|minstd|default_random|random_device|^crypto_pwhash$|PKCS5_",
    re.I)
# Texts that name algorithms choose them only where the libraries are; elsewhere they are compared.
CHOOSING = ("crypto", "net", "store")
# The call that makes a seed pair is not the cipher SEED.
ALLOWED = {"crypto_sign_seed_keypair"}
# What else must not be used, in the one file where it may: HMAC-SHA-1 of RFC 6238, for apps; a
# password's slow hash under a given salt, which is keyed and compared and never a key.
ONLY_IN = {"SHA1": "src/crypto/totp.cpp", "crypto_pwhash": "src/crypto/password.cpp"}


def product_files(root: Path) -> list[Path]:
    found = [path for pattern in SOURCES for path in (root / "src").rglob(pattern)]
    return sorted(path for path in found if not NOT_PRODUCT.search(path.name))


def room_of(path: Path, root: Path) -> str:
    parts = path.relative_to(root / "src").parts
    return parts[1] if parts[0] == "feature" else parts[0]


def uses_in(text: str, room: str = "crypto") -> set[str]:
    """The names of algorithms and generators that a source text of a room uses."""
    code = COMMENT.sub("", text)
    found = {next(group for group in match.groups() if group) for match in CALLS.finditer(code)}
    found |= {match.group(1) for match in NAMED.finditer(code)}
    found |= {match.group(1) for match in ENGINES.finditer(code)}
    for literal in TEXT.finditer(code) if room in CHOOSING else ():
        found |= {word for word in re.split(r"[: ,]", literal.group(1)) if NAME.match(word)}
    return found


def uses(root: Path) -> dict[str, set[str]]:
    """Name -> rooms that use it."""
    out: dict[str, set[str]] = {}
    for path in product_files(root):
        room = room_of(path, root)
        for name in uses_in(path.read_text(encoding="utf-8"), room):
            out.setdefault(name, set()).add(room)
    return out


def inventory(text: str) -> dict[str, set[str]]:
    """The table under "## Inventory": names in the first column, rooms in the second."""
    section = re.search(r"^## Inventory$(.*?)(?=^## |\Z)", text, re.S | re.M)
    out: dict[str, set[str]] = {}
    for line in section.group(1).splitlines() if section else []:
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|") or len(cells) < 3:
            continue
        rooms = {room.strip() for room in cells[1].split(",")}
        for name in re.findall(r"`([^`]+)`", cells[0]):
            out.setdefault(name, set()).update(rooms)
    return out


def check_places(root: Path) -> list[str]:
    """What has one place stands in no other."""
    problems = []
    for path in product_files(root):
        used = uses_in(path.read_text(encoding="utf-8"), room_of(path, root))
        place = path.relative_to(root).as_posix()
        problems += [f"{name} is used in {place}: it must not be used but in {ONLY_IN[name]}"
                     for name in sorted(used & ONLY_IN.keys()) if place != ONLY_IN[name]]
    return problems


def check(used: dict[str, set[str]], listed: dict[str, set[str]]) -> list[str]:
    problems = []
    for name, rooms in sorted(used.items()):
        where = ", ".join(sorted(rooms))
        if NEVER.search(name) and name not in ALLOWED and name not in ONLY_IN:
            problems.append(f"{name} is used in {where}: it must not be used at all")
        elif name not in listed:
            problems.append(f"{name} is used in {where} but not in the inventory of docs/keys.md")
        elif rooms != listed[name]:
            problems.append(
                f"{name} is used in {where}; the inventory says {', '.join(sorted(listed[name]))}")
    problems += [f"{name} stands in the inventory but is not used" for name in listed
                 if name not in used]
    return problems


def main(arguments: list[str]) -> int:
    used = uses(ROOT)
    if arguments == ["--list"]:
        for name, rooms in sorted(used.items()):
            print(f"{name:40} {', '.join(sorted(rooms))}")
        return 0
    listed = inventory((ROOT / "docs" / "keys.md").read_text(encoding="utf-8"))
    problems = check(used, listed) + check_places(ROOT)
    for problem in problems:
        print(problem)
    if not problems:
        print(f"crypto inventory: {len(used)} names, all listed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
