#!/usr/bin/env python3
"""Makes src/identity/leaked_passwords.cpp: tools/leaked_passwords.py LIST...

Each LIST is a text file (perhaps gzipped) of leaked passwords, one a line, the commonest first;
what follows a space is ignored. Kept are those the password policy would otherwise have to judge:
15 characters or more, at most 20,000, as the first 8 bytes of SHA-256 of the lower-case text. The
file in the repository was made from the password list of the zxcvbn project (MIT).
"""

import gzip
import hashlib
import sys
from pathlib import Path

LEAST = 15
MOST = 20_000


def words(path: Path) -> list[str]:
    opened = gzip.open(path, "rt") if path.suffix == ".gz" else path.open()
    with opened as lines:
        return [line.split(" ")[0].strip().lower() for line in lines]


def main() -> int:
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    kept: list[str] = []
    for name in sys.argv[1:]:
        kept += [word for word in words(Path(name)) if len(word) >= LEAST]
    digests = sorted({hashlib.sha256(word.encode()).hexdigest()[:16] for word in kept[:MOST]})
    rows = []
    for start in range(0, len(digests), 4):
        rows.append("    " + " ".join(f"0x{digest}U," for digest in digests[start:start + 4]))
    Path("src/identity/leaked_passwords.cpp").write_text(
        "// Made by tools/leaked_passwords.py.\n"
        '#include "identity/leaked_passwords.hpp"\n\n'
        "#include <algorithm>\n#include <array>\n\n"
        '#include "crypto/hash.hpp"\n\n'
        "namespace probity::identity {\nnamespace {\n\n"
        "constexpr auto k_leaked = std::to_array<std::uint64_t>({\n"
        + "\n".join(rows)
        + "\n});\nstatic_assert(std::ranges::is_sorted(k_leaked));\n\n}  // namespace\n\n"
        "bool is_leaked(std::string_view folded) {\n"
        "  const crypto::Digest digest = crypto::sha256(as_bytes(folded));\n"
        "  std::uint64_t key = 0;\n"
        "  for (std::size_t i = 0; i < 8; ++i) key = key << 8 | digest[i];\n"
        "  return std::ranges::binary_search(k_leaked, key);\n}\n\n"
        "}  // namespace probity::identity\n")
    print(f"{len(digests)} passwords")
    return 0


if __name__ == "__main__":
    sys.exit(main())
