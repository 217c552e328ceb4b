#!/usr/bin/env python3
"""The repository checks itself: tools/house.py [FILE...]

Each finding names file and line, the rule, why the rule is there and what to do. Rooms, their
folders, what they may include and the third-party headers they own come from the table in
docs/map.md; the rest of the rules are in STYLE.md. Exit status 1 when something is refused.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 100
FILE_LINES_WARN = 600
FILE_LINES_MAX = 800
README_LINES_MAX = 60


@dataclass(frozen=True)
class Rule:
    name: str
    why: str
    do: str


@dataclass(frozen=True)
class Finding:
    path: str
    line: int
    rule: str
    detail: str


RULES = {
    rule.name: rule
    for rule in (
        Rule("room order", "what a room may reach is what a reviewer must read with it",
             "move the shared part down, pass it in, or change docs/map.md with a reason"),
        Rule("third party", "a library stays behind one wrapper, so it can be judged and replaced",
             "use the room that owns the library (docs/map.md)"),
        Rule("header only fwd", "the full Boost.JSON header costs seconds in every file",
             "include boost/json/fwd.hpp here and the full header in the .cpp"),
        Rule("coroutine", "the compiler in use miscompiles common coroutine forms",
             "write a plain function, or a state machine as in net"),
        Rule("banned word", "it marks something unfinished, unclear or unsafe", "see STYLE.md"),
        Rule("function length", "a function that fits a screen can be checked by reading",
             f"split by decision or by loop; at most {FUNCTION_LINES_MAX} lines"),
        Rule("line length", "two files side by side", f"at most {COLUMNS_MAX} columns"),
        Rule("file length", "a file is one noun", f"split by noun; at most {FILE_LINES_MAX} lines"),
        Rule("long file", "a file is one noun (warning only)", "think about splitting by noun"),
        Rule("pragma once", "a header is read once", "begin with #pragma once"),
        Rule("own header first", "a header must compile alone",
             "include the file's own header before anything else"),
        Rule("include path", "a full path says which room is used",
             'write "room/file.hpp" from src/, and only files that exist'),
        Rule("using namespace", "a header must not change the names of its readers",
             "qualify the names"),
        Rule("room readme", "a stranger finds a room's purpose in a minute",
             f"add README.md of at most {README_LINES_MAX} lines: purpose, who may use it, types"),
        Rule("machine path", "the repository is about the program, not a machine or a mirror",
             "take the path or host name out"),
        Rule("sql in code", "a test prepares every statement on both engines, so they live in sql/",
             "name the statement in sql/queries/<room>.sql"),
        Rule("dead file", "a file that nothing builds is not tested",
             "put it into a room or remove it"),
        Rule("silent skip", "a skipped test must say why", 'GTEST_SKIP() << "reason"'),
        Rule("bare nolint", "an exception without a reason is copied",
             "NOLINT(check-name): reason"),
        Rule("lock file", "a lock file must install from whatever registry npm is set to",
             "npm install with omit-lockfile-registry-resolved=true"),
        Rule("run bit", "the command is documented as ./name", "chmod +x"),
        Rule("map", "docs/map.md is the table of rooms", "mend the table"),
    )
}
WARNINGS = {"long file"}


# ------------------------------------------------------------------ the table of rooms


@dataclass
class Room:
    name: str
    folder: str
    uses: set[str] = field(default_factory=set)


def read_map(text: str) -> dict[str, Room]:
    """Rows `| name | folder | uses | ...` of the table headed `| room |`."""
    rooms: dict[str, Room] = {}
    inside = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells[0] == "room":
            inside = True
        elif inside and not line.startswith("|"):
            break
        elif inside and not set(cells[0]) <= set("-: "):
            name, folder, uses = (cell.strip("`") for cell in cells[:3])
            words = set(re.findall(r"[a-z]+", uses))
            rooms[name] = Room(name, folder, set(rooms) if words == {"all"} else words)
    return rooms


def room_of(path: str, rooms: dict[str, Room]) -> Room | None:
    fits = [room for room in rooms.values() if path.startswith(room.folder + "/")]
    return max(fits, key=lambda room: len(room.folder), default=None)


# ------------------------------------------------------------------ reading C++

_CPP_TOKEN = re.compile(
    r'R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)"|//[^\n]*|/\*.*?\*/'
    r"|\"(?:\\.|[^\"\\\n])*\"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.S)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def without_comments(text: str) -> str:
    return _CPP_TOKEN.sub(
        lambda m: _blank(m.group(0)) if m.group(0)[:2] in ("//", "/*") else m.group(0), text)


def without_comments_and_strings(text: str) -> str:
    """The same length and lines, with the inside of comments and literals blank."""

    def blank(match: re.Match[str]) -> str:
        word = match.group(0)
        if word[:2] in ("//", "/*"):
            return _blank(word)
        return word[0] + _blank(word[1:-1]) + word[-1]

    return _CPP_TOKEN.sub(blank, text)


def strings_of(text: str) -> Iterator[tuple[int, str]]:
    """Line and content of every string literal."""
    for match in _CPP_TOKEN.finditer(text):
        word = match.group(0)
        if word.startswith('R"'):
            yield line_at(text, match.start()), word[word.index("(") + 1 : word.rindex(")")]
        elif word.startswith('"'):
            yield line_at(text, match.start()), word[1:-1]


def line_at(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


_INIT_LIST = re.compile(r"\)\s*(noexcept\s*(\([^)]*\))?)?\s*:(?!:)")
_INIT_MEMBER = re.compile(r"(,|(?<!:):(?!:))\s*[\w:]+\s*(<[^;{}]*>)?\s*$")


def cpp_functions(code: str) -> Iterator[tuple[int, int]]:
    """First and last line of each function body outside functions; `code` is without comments.

    A brace at namespace or class level opens a function when the words before it hold a
    parenthesis and are neither a type, a namespace nor a value.
    """
    scopes: list[str] = []
    starts: list[int] = []
    head = ""
    line = 1
    for char in code:
        if char == "\n":
            line += 1
        if char == "{":
            kind = _brace_kind(head, scopes)
            scopes.append(kind)
            starts.append(line)
            if kind in ("outer", "function"):
                head = ""
        elif char == "}":
            if not scopes:
                return
            kind, start = scopes.pop(), starts.pop()
            if kind == "function":
                yield start, line
            if kind in ("outer", "function"):
                head = ""
        elif char == ";" and (not scopes or scopes[-1] == "outer"):
            head = ""
        elif not scopes or scopes[-1] == "outer":
            head += char


def _brace_kind(head: str, scopes: list[str]) -> str:
    if scopes and scopes[-1] != "outer":
        return "inner"
    if re.search(r"\bnamespace\b|\bextern\s*\"", head):
        return "outer"
    bare = re.sub(r"template\s*<[^{};]*?>(?=\s*(class|struct|requires|[\w:]))", "", head)
    if re.search(r"^\s*(\[\[[^\]]*\]\]\s*)?(class|struct|union)\b", bare):
        return "outer"
    if "(" not in head or re.search(r"\benum\b", bare):
        return "value"
    if re.search(r"[^=!<>]=\s*[\w:<>\s]*$", head):
        return "value"
    if _INIT_LIST.search(head) and _INIT_MEMBER.search(head):
        return "value"
    return "function"


# ------------------------------------------------------------------ rules for one C++ file

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.M)

# What the program does not contain. A fixture is shared by the tests of one room.
_IS_TEST = re.compile(r"^(tests|benchmarks)/|_(test|bench|fuzz|fixture|for_test)\.[ch]pp$")

# Header prefix -> who may include it: rooms, or path patterns. Order matters: first match decides.
THIRD_PARTY: list[tuple[str, tuple[str, ...]]] = [
    (r"(gtest|gmock)/", (r".*_test\.cpp", r".*_(fixture|for_test)\.[ch]pp", r"tests/.*")),
    (r"benchmark/", (r".*_bench\.cpp",)),
    (r"(openssl/|sodium)", (r"src/crypto/.*", r"src/net/tls\w*\.cpp")),
    (r"(sqlcipher/|sqlite3|libpq-fe|postgres_ext)", (r"src/store/.*",)),
    (r"curl/", (r"src/outbound/.*",)),
    (r"boost/(asio|beast)", ()),
    (r"boost/json",
     (r".*_test\.cpp", r"src/(base|form|report|web|module|keep|attest|admin|app|feature/\w+)/.*",
      r"src/identity/passkeys\.cpp")),
    (r"boost/system", (r"src/(form|report|web)/.*\.cpp", r".*_test\.cpp")),
    (r"simdjson", (r"src/(form|report)/.*",)),
    (r"zlib", (r"src/(base/deflate\w*\.cpp|web/qr_code\.cpp|(keep|picture|feature/survey)/.*)",)),
    (r"(cairo|pango/)", (r"src/picture/(cairo\.hpp|\w+\.cpp)",)),
    (r"expat", (r"src/feature/survey/lime_tables\.cpp",)),
    (r"qrencode", (r"src/web/qr_code\.cpp",)),
    (r"utf8proc", (r"src/base/.*",)),
    (r"(fido|cbor)", (r"src/crypto/passkey\.cpp",)),
    (r"zxcvbn", (r"src/identity/.*",)),
    (r"(modsecurity/|hs\.h|hs/)", (r"src/guard/.*",)),
    (r"(CLI/|toml\+\+/)", (r"src/app/.*",)),
    (r"fmt/", (r"src/.*", r"tests/.*", r"benchmarks/.*")),
]
_SYSTEM = re.compile(
    r"(sys|netinet|arpa|linux|net|bits)/|(unistd|fcntl|poll|signal|pthread|termios|netdb|pwd|grp"
    r"|dirent|dlfcn|sched|time|errno|malloc|spawn|ucontext|execinfo|immintrin|cpuid|x86intrin"
    r"|stdint|stddef|string|stdlib|stdio|limits|math|inttypes|getopt|syslog)\.h$")
_SQL = re.compile(
    r"\s*(SELECT\s+\S|INSERT\s+(INTO|OR)\b|UPDATE\s+\w+\s+SET|DELETE\s+FROM|WITH\s+\w+\s+AS"
    r"|(CREATE|ALTER|DROP)\s+(TABLE|INDEX|UNIQUE|VIEW|TRIGGER|ROLE|POLICY|SCHEMA|DATABASE|TEMP))")
_WORDS_IN_CODE = [
    (re.compile(r"\bnew\b\s*(\([^)]*\)\s*)?[A-Za-z_:]"), "`new`: use a value or make_unique"),
    (re.compile(r"(?<!operator )\bdelete\b\s*(\[\s*\])?\s*[A-Za-z_(*]"),
     "`delete`: let an owner do it"),
    (re.compile(r"\bstd::w?(regex|smatch|cmatch)\b"), "std::regex: slow and recursive on input"),
    (re.compile(r"\bstd::(cout|cerr|clog|cin)\b"), "streams of the process: use base/log.hpp"),
    (re.compile(r"\bctx\b"), "ctx: the word is `call`, or say what it is"),
    (re.compile(r"\b(class|struct|using|enum class)\s+\w*(Manager|Helper|Utils?|Impl)\b"),
     "a pattern for a name: name the thing"),
]
# A class that only its own factory may build can not use make_unique: the owner takes it at once.
_OWNED_NEW = re.compile(r"unique_ptr<[^;]*>\s*\w*\s*[({]\s*$")
_WORDS_ANYWHERE = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|\b[Ff]or now\b")


def check_includes(path: str, text: str, rooms: dict[str, Room]) -> Iterator[Finding]:
    room = room_of(path, rooms)
    code = without_comments(text)
    first = True
    for match in _INCLUDE.finditer(code):
        line, name = line_at(code, match.start()), match.group(2)
        if match.group(1) == '"':
            own = path.removeprefix("src/").removesuffix(".cpp") + ".hpp"
            if first and path.endswith(".cpp") and (ROOT / "src" / own).exists() and name != own:
                yield Finding(path, line, "own header first", f"expected {own}, found {name}")
            yield from check_own_include(path, line, name, room, rooms)
        else:
            yield from check_foreign_include(path, line, name)
        first = False


def check_own_include(path: str, line: int, name: str, room: Room | None,
                      rooms: dict[str, Room]) -> Iterator[Finding]:
    top = name.split("/")[0]
    if top == "sql":
        owner = name.removeprefix("sql/").removesuffix(".hpp")
        is_table = owner in ("all_queries", "migrations")
        is_test = _IS_TEST.search(path)
        allowed = ("store", "app", "keep") if is_table else (owner,)
        if room is not None and room.name not in allowed and not is_test:
            yield Finding(path, line, "room order", f"{room.name} uses the statements of {owner}")
        return
    if top in ("embedded", "support"):
        return
    if top in ("benchmarks", "tests") and not path.startswith("src/") and (ROOT / name).exists():
        return
    if not (ROOT / "src" / name).exists():
        yield Finding(path, line, "include path", f'"{name}" is not a file under src/')
        return
    if re.search(r"_(fixture|for_test)\.hpp$", name) and not _IS_TEST.search(path):
        yield Finding(path, line, "room order", f"{name} is for tests only")
    used = room_of("src/" + name, rooms)
    if room is None or used is None or used.name == room.name:
        return
    if used.name not in room.uses:
        yield Finding(path, line, "room order", f"{room.name} may not use {used.name} ({name})")
    if name == "crypto/openssl.hpp" and not re.match(r"src/net/tls\w*\.cpp$", path):
        yield Finding(path, line, "third party", "crypto/openssl.hpp is inside crypto only")


def check_foreign_include(path: str, line: int, name: str) -> Iterator[Finding]:
    if name in ("regex", "iostream"):
        yield Finding(path, line, "banned word", f"<{name}>")
        return
    is_json = name.startswith("boost/json") and name != "boost/json/fwd.hpp"
    if is_json and path.endswith(".hpp"):
        yield Finding(path, line, "header only fwd", f"<{name}> in a header")
    for prefix, allowed in THIRD_PARTY:
        if re.match(prefix, name):
            if not any(re.fullmatch(pattern, path) for pattern in allowed):
                yield Finding(path, line, "third party", f"<{name}> does not belong here")
            return
    if ("/" in name or name.endswith((".h", ".hpp"))) and not _SYSTEM.match(name):
        yield Finding(path, line, "third party", f"<{name}> is in no list of tools/house.py")


def check_cpp_words(path: str, text: str) -> Iterator[Finding]:
    code = without_comments_and_strings(text)
    for pattern, detail in _WORDS_IN_CODE:
        for match in pattern.finditer(code):
            if not _OWNED_NEW.search(code[max(0, match.start() - 200) : match.start()]):
                yield Finding(path, line_at(code, match.start()), "banned word", detail)
    for match in re.finditer(r"\bco_(await|return|yield)\b", code):
        yield Finding(path, line_at(code, match.start()), "coroutine", match.group(0))
    if path.endswith(".hpp"):
        for match in re.finditer(r"\busing\s+namespace\b", code):
            yield Finding(path, line_at(code, match.start()), "using namespace", "in a header")
    for match in re.finditer(r"GTEST_SKIP\(\)(?!\s*<<)", code):
        yield Finding(path, line_at(code, match.start()), "silent skip", "no reason given")
    for match in re.finditer(r"NOLINT(?!END)\w*(?!\w*\([\w*,.\- ]+\): \S)", text):
        yield Finding(path, line_at(text, match.start()), "bare nolint", match.group(0))


def check_cpp(path: str, text: str, rooms: dict[str, Room]) -> Iterator[Finding]:
    yield from check_includes(path, text, rooms)
    yield from check_cpp_words(path, text)
    if path.endswith(".hpp"):
        code = without_comments(text).split()
        if code[:2] != ["#pragma", "once"]:
            yield Finding(path, 1, "pragma once", "missing, or not the first line of code")
    code = without_comments_and_strings(text)
    for start, end in cpp_functions(code):
        if end - start + 1 > FUNCTION_LINES_MAX:
            yield Finding(path, start, "function length", f"{end - start + 1} lines")
    if not _IS_TEST.search(path):
        for line, words in strings_of(text):
            if _SQL.match(words):
                yield Finding(path, line, "sql in code", words.strip().split("\n")[0][:40])
    if path.startswith("src/"):
        yield from check_place(path, rooms)


def check_place(path: str, rooms: dict[str, Room]) -> Iterator[Finding]:
    room = room_of(path, rooms)
    folder = path.rsplit("/", 1)[0]
    if room is None:
        yield Finding(path, 1, "dead file", f"{folder} is no room in docs/map.md")
    elif folder != room.folder:
        yield Finding(path, 1, "dead file", f"a room is one folder; {folder} is not built")
    elif path.endswith("/main.cpp") and room.name != "app":
        yield Finding(path, 1, "dead file", "main.cpp is built in src/app only")


# ------------------------------------------------------------------ rules for other files

# Spelt so that this file does not break its own rule.
_MACHINE = re.compile(
    r"(?<![\w.])/(wor[k]|far[m])/|\bdeb\.debia[n]\.org|\bregistry\.npmj[s]\.org"
    r"|\bsnapshot\.debia[n]\.org|\bdeb\.nodesourc[e]\.com")
_MAY_NAME_WORDS = {"tools/house.py", "tools/house_test.py", "STYLE.md"}


def check_text(path: str, text: str) -> Iterator[Finding]:
    for number, line in enumerate(text.splitlines(), 1):
        if match := _MACHINE.search(line):
            yield Finding(path, number, "machine path", match.group(0))
        if path not in _MAY_NAME_WORDS and (match := _WORDS_ANYWHERE.search(line)):
            yield Finding(path, number, "banned word", match.group(0))


def check_shape(path: str, text: str) -> Iterator[Finding]:
    """Length of lines and files of code."""
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        # An address or a digest can not be broken.
        if len(line) > COLUMNS_MAX and not re.search(r"https?://\S{60,}|[0-9a-f]{64}", line):
            yield Finding(path, number, "line length", f"{len(line)} columns")
    # What a tool writes nobody reads from end to end.
    is_made = lines and lines[0].startswith("// Made by tools/")
    if len(lines) > FILE_LINES_MAX and not is_made:
        yield Finding(path, 1, "file length", f"{len(lines)} lines")
    elif len(lines) > FILE_LINES_WARN:
        yield Finding(path, 1, "long file", f"{len(lines)} lines")


def check_python(path: str, text: str) -> Iterator[Finding]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                yield Finding(path, node.lineno, "function length", f"{length} lines")


def check_tree(paths: list[str], rooms: dict[str, Room]) -> Iterator[Finding]:
    """What only the whole list of files can show."""
    for room in rooms.values():
        inside = [p for p in paths if p.startswith(room.folder + "/") and p.endswith("pp")]
        readme = f"{room.folder}/README.md"
        if inside and readme not in paths:
            yield Finding(room.folder, 1, "room readme", "README.md is missing")
        elif readme in paths and (n := len((ROOT / readme).read_text().splitlines())) > \
                README_LINES_MAX:
            yield Finding(readme, 1, "room readme", f"{n} lines")
        if unknown := room.uses - set(rooms):
            yield Finding("docs/map.md", 1, "map", f"{room.name} uses unknown {sorted(unknown)}")
    for path in paths:
        stem = Path(path).stem
        if path.startswith("sql/queries/") and stem not in rooms:
            yield Finding(path, 1, "dead file", f"{stem} is no room")
        if path.startswith("tests/") and path.endswith("pp") and \
                not path.startswith("tests/support/"):
            yield Finding(path, 1, "dead file", "C++ in tests/ belongs into tests/support")
        if path.endswith("package-lock.json") and '"resolved"' in (ROOT / path).read_text():
            yield Finding(path, 1, "lock file", "records download addresses")
        if path in ("run", "test", "bench", ".ci/run", "pkg/install", "tools/build") and \
                not (ROOT / path).stat().st_mode & 0o100:
            yield Finding(path, 1, "run bit", "not executable")


# ------------------------------------------------------------------ the whole repository


def check_file(path: str, text: str, rooms: dict[str, Room]) -> Iterator[Finding]:
    yield from check_text(path, text)
    if path.endswith((".cpp", ".hpp", ".ts", ".mjs", ".svelte", ".py")):
        yield from check_shape(path, text)
    if path.endswith((".cpp", ".hpp")):
        yield from check_cpp(path, text, rooms)
    if path.endswith(".py"):
        yield from check_python(path, text)


def repository_files() -> list[str]:
    """What git knows or would take in; `git ls-files` is the judge of what is ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True,
        check=True).stdout.decode().split("\0")
    return sorted({name for name in listed if name and (ROOT / name).is_file()})


def show(findings: list[Finding]) -> None:
    for name, rule in RULES.items():
        of_rule = [finding for finding in findings if finding.rule == name]
        if not of_rule:
            continue
        for finding in of_rule:
            print(f"{finding.path}:{finding.line}: {name}: {finding.detail}")
        print(f"    why: {rule.why}\n    do:  {rule.do}")


def main() -> int:
    paths = repository_files()
    rooms = read_map((ROOT / "docs/map.md").read_text(encoding="utf-8"))
    findings = list(check_tree(paths, rooms))
    for path in paths:
        try:
            text = (ROOT / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        findings += check_file(path, text, rooms)
    chosen = sys.argv[1:]
    if chosen:
        findings = [f for f in findings if any(f.path.startswith(c) for c in chosen)]
    show(findings)
    refused = [f for f in findings if f.rule not in WARNINGS]
    print(f"house: {len(paths)} files, {len(refused)} refused, "
          f"{len(findings) - len(refused)} warnings")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
