#!/usr/bin/env python3
"""Holds what docs/keys.md says of keys, secrets and random values against the sources.

tools/secret_rules.py

Comparisons: bytes that somebody may guess at are compared by equal_constant_time; every other
comparison of such bytes stands below with its reason. Keys: each kind of key of the sources has a
whole line in the table, with the life the sources give it. Laid open: only the files of that table
see the bytes of a key or secret. Random values: each has the bytes its table says, and at least 16
unless it is no secret. Exit status 1 when something differs.
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from crypto_inventory import COMMENT, ROOT, TEXT, product_files  # noqa: E402

SECRET_BYTES_MIN = 16

# Rooms in which bytes of others meet bytes of ours. The statement's probes compare their own.
COMPARING = ("audit", "crypto", "identity", "keep", "net", "store", "survey", "web")
WORD = r"[\w.>\-\[\]*]*(?:secret|password|csrf|mac|tag|token|digest|hash)\w*"
SIDE = re.compile(rf"({WORD})\s*(?:==|!=)\s*(\S+)|"
                  rf"(\S+)\s*(?:==|!=)\s*\*?({WORD}[\w.()]*)(?![\w:])", re.I)
WHOLE = re.compile(r"\b(?:memcmp|strn?cmp|std::equal|ranges::equal)\s*\(([^;]*)")
# Sizes, ends, numbers and enumerators are no secrets.
HARMLESS = re.compile(r"size\(\)|\bend\(\)|nullptr|^-?\d|Tokens::|PageMac::|^k_\w*bytes")

# File and words of a comparison that may stop at the first difference -> why.
REASONS = {
    ("audit/verify.cpp", "due != chained.hash"): "hashes of a log the reader may see whole",
    ("audit/verify.cpp", "head->hash != hash"): "hashes of a log the reader may see whole",
    ("crypto/keys.cpp", "std::ranges::equal(a, b, [](const NumberedKey& x"):
        "two lists in order; each pair of keys is compared by equal_constant_time",
    ("crypto/known_answers.cpp", "std::ranges::equal(computed, expected)"):
        "published test vectors",
    ("feature/survey/ledger.cpp", "std::ranges::equal(keys.subspan(at, k_part), key.key_hash)"):
        "keyed hashes of idempotency keys: a guess has no hash its sender can steer",
    ("feature/survey/ledger.cpp", "std::ranges::equal(bodies.subspan(at, k_part), key.body_hash)"):
        "keyed hashes of the sender's own bodies",
    ("feature/survey/ledger.cpp", "claim.key_hash != key.key_hash"):
        "keyed hashes of idempotency keys: a guess has no hash its sender can steer",
    ("feature/survey/ledger.cpp", "claim.body_hash == key.body_hash"):
        "keyed hashes of the sender's own bodies",
    ("feature/survey/join.cpp", "std::ranges::equal(text, word, {}, lower, lower)"):
        "words of a table's headings",
    ("feature/survey/parts.cpp", "std::ranges::equal(a, b, {}, lower, lower)"):
        "names of headers of a form's parts",
    ("feature/survey/findings.cpp", "etag"): "the state of a report its reader was told",
    ("feature/survey/logo.cpp", "std::ranges::equal(data.subspan(3, 3), k_code)"):
        "the published start of a frame of a picture",
    ("feature/survey/request.cpp", "tag == etag"): "the version of a survey its reader was told",
    ("feature/survey/response_rows.cpp", "std::ranges::equal(a.bytes().first("):
        "ids and their hour",
    ("identity/login.cpp", "*changed_at != found.password_changed_at"): "a time",
    ("identity/login.cpp", "found->password_changed_at == ticket.password_changed_at"): "a time",
    ("keep/backup.cpp", "*hash != boost::json::value(files[i].sha256_hex)"):
        "hashes inside a file that opened under the master key",
    ("web/address.cpp", "std::equal(first.bytes.begin()"): "an address",
    ("net/tls.cpp", "std::equal(key->name.begin()"): "the public name of a ticket key",
    ("net/wire.cpp", "std::ranges::equal(a, b"): "names of headers",
    ("store/postgres_connection.cpp", '*tag != ""'): "the answer to COMMIT",
    ("store/postgres_load.cpp", "to_hex(hash.finish()) != hashes_[name]"):
        "hashes of a backup's own rows",
    ("store/postgres_load.cpp", 'tag != ""'): "the answer to COMMIT",
    ("store/postgres_schema.cpp", 'tag != ""'): "the answer to COMMIT",
    ("store/commit_log.cpp", "!std::ranges::equal(of, generation.bytes)"):
        "the name of a generation, no key",
    ("web/page.cpp", '== etag'): "the hash of a public page",
    ("web/address.cpp", "std::equal(k_mapped_prefix.begin()"): "an address",
}
# Where somebody's guess meets a secret: these compare in constant time.
STEADY = ("crypto/totp.cpp", "feature/survey/token.cpp", "identity/sessions.cpp",
          "identity/tokens.cpp", "web/pipeline.cpp")

# What in the sources shows a kind of key -> its line in the table, and the life it has there.
KINDS = {
    r"class MasterKeys\b": "master",
    r"enum class KeyKind[^{]*\{[^}]*\bFile\b": "file",
    r"enum class KeyKind[^{]*\{[^}]*\bSeal\b": "seal",
    r"class SigningKey\b": "signing",
    r"Result<void> make_self_signed\(": "TLS cert",
    r"struct TicketKey\b": "TLS tickets",
    r"class SealedWriter\b": "backup",
}
LIVES = {
    r"k_ticket_key_life = Span::hours\(1\);": ("TLS tickets", "hourly"),
    r"k_ticket_key_life \* 2": ("TLS tickets", "two hours"),
    r"k_file_mode = 0600;": ("master", "mode 0600"),
}
EXPOSE = re.compile(r"\.expose\(\)|->expose\(\)|\bexpose\(\),")
RANDOM = re.compile(r"\b(?:random_bytes|fill_random)\(\s*((?:[^();]|\(\))*)\)")


def read(path: Path) -> str:
    return COMMENT.sub("", path.read_text(encoding="utf-8"))


def name_of(path: Path, root: Path) -> str:
    return path.relative_to(root / "src").as_posix()


def comparisons(text: str) -> list[str]:
    """Comparisons of bytes that stop at the first difference."""
    found = []
    for line in TEXT.sub('""', COMMENT.sub("", text)).splitlines():
        sides = [match for match in SIDE.finditer(line)
                 if not any(HARMLESS.search(group or "") for group in match.groups())]
        if sides or WHOLE.search(line):
            found.append(line.strip())
    return found


def check_comparisons(root: Path) -> list[str]:
    problems, used = [], set()
    for path in product_files(root):
        name = name_of(path, root)
        if name.removeprefix("feature/").split("/")[0] not in COMPARING:
            continue
        for line in comparisons(path.read_text(encoding="utf-8")):
            known = [key for key in REASONS if key[0] == name and key[1] in line]
            used.update(known)
            if not known:
                problems.append(f"{name}: {line}: use equal_constant_time, or say why not")
    problems += [f"{name}: {words}: the reason stands for nothing"
                 for name, words in REASONS if (name, words) not in used]
    problems += [f"{name} compares nothing in constant time" for name in STEADY
                 if "equal_constant_time(" not in read(root / "src" / name)]
    return problems


def table(text: str, heading: str) -> list[list[str]]:
    """The cells of the lines of the table under a heading."""
    section = re.search(rf"^## {heading}$(.*?)(?=^## |\Z)", text, re.S | re.M)
    rows = [[cell.strip() for cell in line.strip().strip("|").split("|")]
            for line in (section.group(1).splitlines() if section else [])
            if line.startswith("|")]
    return rows[2:]


def check_keys(sources: str, document: str) -> list[str]:
    rows = {row[0]: row for row in table(document, "Keys")}
    problems = [f"the line of {name} has empty cells" for name, row in rows.items()
                if len(row) < 7 or not all(row)]
    named = set()
    for shown, name in KINDS.items():
        lines = [line for line in rows if line.startswith(name)]
        named.update(lines)
        if not lines:
            problems.append(f"{name}: a key without a line")
        if not re.search(shown, sources):
            problems.append(f"{name}: {shown} is not in the sources")
    problems += [f"{line}: no such key in the sources" for line in rows if line not in named]
    for shown, (name, words) in LIVES.items():
        said = " ".join(" ".join(row) for line, row in rows.items() if line.startswith(name))
        if not re.search(shown, sources) or words not in said:
            problems.append(f"{name}: {words!r} in docs/keys.md and {shown} go together")
    if "SP 800-57" not in document:
        problems.append("the life of a key names no standard")
    return problems


def check_exposures(root: Path, document: str) -> list[str]:
    listed = {file.strip("` ") for row in table(document, "Where secrets are laid open")
              for file in row[0].split(",")}
    used = {name_of(path, root) for path in product_files(root) if EXPOSE.search(read(path))}
    return ([f"{name} sees the bytes of secrets but is not listed"
             for name in sorted(used - listed)]
            + [f"{name} is listed but sees no secret" for name in sorted(listed - used)])


def size_of(argument: str, sources: str) -> int:
    """The number of bytes an argument stands for; 0 when it cannot be told."""
    if argument.isdigit():
        return int(argument)
    known = re.search(rf"\b{re.escape(argument)} = (\d+);", sources)
    return int(known.group(1)) if known else 0


def check_random(root: Path, sources: str, document: str) -> list[str]:
    rows = table(document, "Random values")
    listed = {(row[0].strip("`"), row[1].strip("`")): row for row in rows}
    used = {(name_of(path, root), match.group(1)) for path in product_files(root)
            if not name_of(path, root).startswith("attest/")
            and path.name not in ("random.cpp", "random.hpp")
            for match in RANDOM.finditer(read(path))}
    problems = [f"{file}: {what} random bytes are not listed" for file, what in
                sorted(used - set(listed))]
    problems += [f"{file}: {what} is listed but not used" for file, what in
                 sorted(set(listed) - used)]
    for (file, what), row in listed.items():
        size, is_secret = int(row[2]), "no secret" not in row[3]
        if size_of(what, sources) not in (0, size):
            problems.append(
                f"{file}: {what} has {size_of(what, sources)} bytes, not {size}")
        if is_secret and size < SECRET_BYTES_MIN:
            problems.append(f"{file}: {size} bytes can be guessed")
    return problems


def check(root: Path) -> list[str]:
    document = (root / "docs" / "keys.md").read_text(encoding="utf-8")
    sources = "\n".join(read(path) for path in product_files(root))
    return (check_comparisons(root) + check_keys(sources, document)
            + check_exposures(root, document) + check_random(root, sources, document))


def main() -> int:
    problems = check(ROOT)
    for problem in problems:
        print(problem)
    if not problems:
        print("secrets: as docs/keys.md says")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
