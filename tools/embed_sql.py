#!/usr/bin/env python3
"""Turns the SQL folder into C++ constants: embed_sql.py SQL_DIR OUT_DIR [--stamp FILE].

Queries, `queries/<room>.sql`: blocks headed `-- name: insert_response`, then perhaps
`-- only: postgres` or `-- only: sqlite` (one name may have one block for each), then one statement
with parameters $1..$n. Migrations, `migrations/NNNN_<system|tenant>_<name>.sql`: text for both
engines, with `-- only: ENGINE` and `-- both` opening sections for one or both.
Macro words: {bytes} is the binary column type; in a migration a line `{tenant_table NAME}` turns on
row-level security by tenant in PostgreSQL and is nothing in SQLite.
A mistake stops the build with file, line and what to do.
"""

import argparse
import hashlib
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

ENGINES = ("sqlite", "postgres")
NAME = re.compile(r"^[a-z][a-z0-9_]*$")
MIGRATION = re.compile(r"^(\d{4})_(system|tenant)_([a-z0-9_]+)\.sql$")
MACRO = re.compile(r"\{([a-z_]+)(?: ([a-z_][a-z0-9_]*))?\}")
# Quoted strings and comments are set apart so that nothing inside them is taken for SQL.
TOKEN = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|\$(\d+)|[^'\"$-]+|.", re.S)
WRITES = re.compile(r"\b(INSERT|REPLACE|UPDATE|DELETE|TRUNCATE|CREATE|DROP|ALTER)\b", re.I)
TENANT_POLICY = (
    "ALTER TABLE {0} ENABLE ROW LEVEL SECURITY;\n"
    "ALTER TABLE {0} FORCE ROW LEVEL SECURITY;\n"
    "CREATE POLICY {0}_tenant ON {0}\n"
    "  USING (tenant_id = decode(current_setting('probity.tenant', true), 'hex'))\n"
    "  WITH CHECK (tenant_id = decode(current_setting('probity.tenant', true), 'hex'));"
)


class SqlError(Exception):
    """A mistake in an SQL file; the text says where and what to do."""


@dataclass
class Query:
    room: str
    name: str
    where: str
    text: dict[str, str] = field(default_factory=dict)
    arity: int = 0
    writes: bool = False


@dataclass
class Migration:
    number: int
    name: str
    system: bool
    text: dict[str, str]
    sha256_hex: str


def without_comments(sql: str) -> str:
    kept = "".join(
        match.group(0) for match in TOKEN.finditer(sql) if not match.group(0).startswith("--")
    )
    lines = [line.rstrip() for line in kept.splitlines()]
    return "\n".join(line for line in lines if line).strip()


def expand(sql: str, engine: str, where: str) -> str:
    def replace(match: re.Match[str]) -> str:
        word, argument = match.group(1), match.group(2)
        if word == "bytes" and argument is None:
            return "BLOB" if engine == "sqlite" else "BYTEA"
        if word == "tenant_table" and argument:
            return "" if engine == "sqlite" else TENANT_POLICY.format(argument)
        raise SqlError(
            f"{where}: unknown macro {match.group(0)}; known: {{bytes}}, {{tenant_table NAME}}")

    return MACRO.sub(replace, sql)


def parameters(sql: str, where: str) -> int:
    found = {int(m.group(1)) for m in TOKEN.finditer(sql) if m.group(1)}
    if found != set(range(1, len(found) + 1)):
        raise SqlError(f"{where}: parameters are {sorted(found)}; number them $1..$n without a gap")
    return len(found)


def numbered_for_sqlite(sql: str) -> str:
    return "".join(
        f"?{m.group(1)}" if m.group(1) else m.group(0) for m in TOKEN.finditer(sql)
    )


def is_write(sql: str) -> bool:
    bare = "".join(m.group(0) for m in TOKEN.finditer(sql) if m.group(0)[0] not in "'\"")
    bare = re.sub(r"\bFOR\s+(NO\s+KEY\s+)?UPDATE\b", "", bare, flags=re.I)
    return WRITES.search(bare) is not None


def add_block(queries: dict[str, Query], room: str, head: list[str], body: str, where: str) -> None:
    name, only = head[0], head[1] if len(head) > 1 else None
    if not NAME.match(name):
        raise SqlError(f"{where}: {name!r} is not a name; use lower case words joined by _")
    if only is not None and only not in ENGINES:
        raise SqlError(f"{where}: `-- only: {only}`; an engine is sqlite or postgres")
    query = queries.setdefault(name, Query(room, name, where))
    sql = without_comments(body).rstrip(";").strip()
    if not sql:
        raise SqlError(f"{where}: {name} has no statement")
    if ";" in "".join(m.group(0) for m in TOKEN.finditer(sql) if m.group(0)[0] not in "'\""):
        raise SqlError(f"{where}: {name} holds more than one statement; give each its own name")
    for engine in ENGINES if only is None else (only,):
        if engine in query.text:
            raise SqlError(f"{where}: {name} is defined twice for {engine}; see {query.where}")
        text = expand(sql, engine, where)
        arity, writes = parameters(text, where), is_write(text)
        if query.text and (arity, writes) != (query.arity, query.writes):
            raise SqlError(
                f"{where}: {name} has {arity} parameters and writes={writes} here but"
                f" {query.arity} and {query.writes} in the other block; the engines must agree"
            )
        query.arity, query.writes = arity, writes
        query.text[engine] = numbered_for_sqlite(text) if engine == "sqlite" else text


def parse_queries(path: Path) -> list[Query]:
    queries: dict[str, Query] = {}
    head: list[str] = []
    body: list[str] = []
    where = f"{path}:1"

    def finish() -> None:
        if head:
            add_block(queries, path.stem, head, "\n".join(body), where)
        elif without_comments("\n".join(body)):
            raise SqlError(f"{path}:1: a statement before the first `-- name:` line")

    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if named := re.match(r"^--\s*name:\s*(\S+)\s*$", line):
            finish()
            head, body, where = [named.group(1)], [], f"{path}:{number}"
        elif only := re.match(r"^--\s*only:\s*(\S+)\s*$", line):
            if len(head) != 1 or without_comments("\n".join(body)):
                raise SqlError(f"{path}:{number}: `-- only:` belongs right under `-- name:`")
            head.append(only.group(1))
        else:
            body.append(line)
    finish()
    return list(queries.values())


def parse_migration(path: Path) -> Migration:
    named = MIGRATION.match(path.name)
    if not named:
        raise SqlError(f"{path}: name it NNNN_system_what.sql or NNNN_tenant_what.sql")
    raw = path.read_bytes()
    parts: dict[str, list[str]] = {engine: [] for engine in ENGINES}
    targets: tuple[str, ...] = ENGINES
    for number, line in enumerate(raw.decode("utf-8").splitlines(), 1):
        if only := re.match(r"^--\s*only:\s*(\S+)\s*$", line):
            if only.group(1) not in ENGINES:
                raise SqlError(f"{path}:{number}: an engine is sqlite or postgres")
            targets = (only.group(1),)
        elif re.match(r"^--\s*both\s*$", line):
            targets = ENGINES
        else:
            for engine in targets:
                parts[engine].append(line)
    text = {
        engine: without_comments(expand(without_comments("\n".join(lines)), engine, str(path)))
        for engine, lines in parts.items()
    }
    return Migration(
        number=int(named.group(1)),
        name=path.stem,
        system=named.group(2) == "system",
        text=text,
        sha256_hex=hashlib.sha256(raw).hexdigest(),
    )


def cpp_string(text: str) -> str:
    """One C++ literal a line of SQL."""
    if not text:
        return '""'
    pieces = []
    lines = text.split("\n")
    for index, line in enumerate(lines):
        escaped = line.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?")
        pieces.append('"' + escaped + ("\\n" if index + 1 < len(lines) else "") + '"')
    return "\n    ".join(pieces)


def room_header(room: str, queries: list[Query]) -> str:
    blocks = []
    for query in queries:
        blocks.append(
            f"inline constexpr probity::store::Query {query.name}{{\n"
            f'    "{room}.{query.name}", "{room}",\n'
            f"    {cpp_string(query.text.get('sqlite', ''))},\n"
            f"    {cpp_string(query.text.get('postgres', ''))},\n"
            f"    {query.arity}, {'true' if query.writes else 'false'}}};\n"
        )
    return (
        '#pragma once\n\n#include "store/query.hpp"\n\n'
        f"namespace probity::sql::{room} {{\n\n" + "\n".join(blocks)
        + f"\n}}  // namespace probity::sql::{room}\n"
    )


def table_of_queries(rooms: dict[str, list[Query]]) -> dict[str, str]:
    includes = "".join(f'#include "sql/{room}.hpp"\n' for room in rooms)
    rows = "".join(f"      &{room}::{q.name},\n" for room, list_ in rooms.items() for q in list_)
    count = sum(len(list_) for list_ in rooms.values())
    header = (
        '#pragma once\n\n#include <span>\n\n#include "store/query.hpp"\n\n'
        "namespace probity::sql {\n\n/// Every named statement of every room.\n"
        "std::span<const probity::store::Query* const> all_queries();\n\n"
        "}  // namespace probity::sql\n"
    )
    source = (
        f'#include "sql/all_queries.hpp"\n\n#include <array>\n\n{includes}\n'
        "namespace probity::sql {\n\n"
        "std::span<const probity::store::Query* const> all_queries() {\n"
        f"  static constexpr std::array<const probity::store::Query*, {count}> table{{\n"
        f"{rows}  }};\n  return table;\n}}\n\n}}  // namespace probity::sql\n"
    )
    return {"all_queries.hpp": header, "all_queries.cpp": source}


def table_of_migrations(migrations: list[Migration]) -> dict[str, str]:
    rows = "".join(
        f'      probity::store::Migration{{{m.number}, "{m.name}", '
        f"{'true' if m.system else 'false'},\n"
        f"    {cpp_string(m.text['sqlite'])},\n    {cpp_string(m.text['postgres'])},\n"
        f'    "{m.sha256_hex}"}},\n'
        for m in migrations
    )
    header = (
        '#pragma once\n\n#include <span>\n\n#include "store/migrate.hpp"\n\n'
        "namespace probity::sql {\n\n/// Every migration in ascending order of its number.\n"
        "std::span<const probity::store::Migration> migrations();\n\n"
        "}  // namespace probity::sql\n"
    )
    source = (
        '#include "sql/migrations.hpp"\n\n#include <array>\n\nnamespace probity::sql {\n\n'
        "std::span<const probity::store::Migration> migrations() {\n"
        f"  static const std::array<probity::store::Migration, {len(migrations)}> table{{\n"
        f"{rows}  }};\n  return table;\n}}\n\n}}  // namespace probity::sql\n"
    )
    return {"migrations.hpp": header, "migrations.cpp": source}


def generate(sql_dir: Path) -> dict[str, str]:
    """Name of every generated file -> its text."""
    rooms = {path.stem: parse_queries(path) for path in sorted(sql_dir.glob("queries/*.sql"))}
    migrations = [parse_migration(path) for path in sorted(sql_dir.glob("migrations/*.sql"))]
    migrations.sort(key=lambda m: m.number)
    for before, after in zip(migrations, migrations[1:]):
        if before.number == after.number:
            raise SqlError(f"{sql_dir}/migrations: {before.name} and {after.name} share a number")
    files = {f"{room}.hpp": room_header(room, queries) for room, queries in rooms.items()}
    return files | table_of_queries(rooms) | table_of_migrations(migrations)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("sql_dir", type=Path)
    parser.add_argument("out_dir", type=Path)
    parser.add_argument("--stamp", type=Path)
    options = parser.parse_args()
    try:
        files = generate(options.sql_dir)
    except SqlError as error:
        print(error, file=sys.stderr)
        return 1
    options.out_dir.mkdir(parents=True, exist_ok=True)
    for path in options.out_dir.glob("*.[hc]pp"):
        if path.name not in files:
            path.unlink()
    for name, text in files.items():
        path = options.out_dir / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
    if options.stamp:
        options.stamp.touch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
