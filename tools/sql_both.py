#!/usr/bin/env python3
"""Prepares every statement on both engines: tools/sql_both.py

Applies all migrations to an empty SQLite database and to a scratch database of the cluster named by
PROBITY_TEST_POSTGRES, then lets each engine compile every named statement. Counts the statements
that need a text of their own for an engine: few of them is what keeps the engines one program.
Exit status 1 names what an engine refused; 77 says that there is no PostgreSQL to ask.
"""

import os
import re
import secrets
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import embed_sql

ROOT = Path(__file__).resolve().parent.parent
OWN_TEXT_SHARE_MAX = 0.2
SKIPPED = 77


# What defines things is run before the rest is prepared: the schema's own bookkeeping begins so.
_DEFINES = re.compile(r"\s*(CREATE|ALTER|DROP|GRANT|REVOKE)\b", re.I)
_PREPARES = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|VALUES)\b", re.I)


@dataclass(frozen=True)
class Refusal:
    what: str
    engine: str
    words: str


def load(sql_dir: Path) -> tuple[list[embed_sql.Query], list[embed_sql.Migration]]:
    queries = [q for path in sorted(sql_dir.glob("queries/*.sql"))
               for q in embed_sql.parse_queries(path)]
    migrations = [embed_sql.parse_migration(p) for p in sorted(sql_dir.glob("migrations/*.sql"))]
    return queries, sorted(migrations, key=lambda m: m.number)


def check_sqlite(queries: list[embed_sql.Query],
                 migrations: list[embed_sql.Migration]) -> list[Refusal]:
    """The system file and a tenant's file are two databases; a statement must fit one of them."""
    refused: list[Refusal] = []
    files = {True: sqlite3.connect(":memory:"), False: sqlite3.connect(":memory:")}
    for query in queries:
        if _DEFINES.match(query.text.get("sqlite", "")):
            for file in files.values():
                file.execute(query.text["sqlite"])
    for migration in migrations:
        try:
            files[migration.system].executescript(migration.text["sqlite"])
        except sqlite3.Error as error:
            refused.append(Refusal(migration.name, "sqlite", str(error)))
    for query in queries:
        if "sqlite" not in query.text:
            continue
        words = [why for file in files.values() if (why := sqlite_words(file, query))]
        if len(words) == len(files):
            refused.append(Refusal(f"{query.room}.{query.name}", "sqlite", " / ".join(words)))
    return refused


def sqlite_words(file: sqlite3.Connection, query: embed_sql.Query) -> str:
    try:
        file.execute("EXPLAIN " + query.text["sqlite"], [None] * query.arity)
    except sqlite3.Error as error:
        return str(error)
    return ""


def psql(url: str, text: str) -> str:
    """What PostgreSQL complained of, line by line; it goes on after each complaint."""
    ran = subprocess.run(["psql", "-X", "-q", "-d", url], input=text, capture_output=True,
                         text=True, check=False)
    return ran.stderr


def check_postgres(url: str, queries: list[embed_sql.Query],
                   migrations: list[embed_sql.Migration]) -> list[Refusal]:
    name = "probity_sql_" + secrets.token_hex(4)
    psql(url, f"CREATE DATABASE {name};")
    scratch = re.sub(r"(postgresql://[^/]*/)[^?]*", rf"\g<1>{name}", url)
    try:
        texts = {f"{q.room}.{q.name}": q.text["postgres"] for q in queries if "postgres" in q.text}
        asked = [(what, text + ";") for what, text in texts.items() if _DEFINES.match(text)]
        asked += [(m.name, m.text["postgres"]) for m in migrations]
        asked += [(what, f"PREPARE s{n} AS {text};")
                  for n, (what, text) in enumerate(texts.items()) if _PREPARES.match(text)]
        # Each piece announces itself on the same stream as the complaints about it.
        told = psql(scratch, "".join(f"\\warn '#piece {what}'\n{text}\n" for what, text in asked))
    finally:
        psql(url, f"DROP DATABASE {name};")
    refused = []
    for piece in told.split("#piece ")[1:]:
        what, _, words = piece.partition("\n")
        if "ERROR" in words:
            refused.append(Refusal(what, "postgres", words.strip()))
    return refused


def main() -> int:
    queries, migrations = load(ROOT / "sql")
    refused = check_sqlite(queries, migrations)
    url = os.environ.get("PROBITY_TEST_POSTGRES", "")
    if url:
        refused += check_postgres(url, queries, migrations)
    for refusal in refused:
        print(f"{refusal.what}: {refusal.engine}: {refusal.words}")
    own = sum(len(q.text) == 2 and q.text["sqlite"].replace("?", "$").replace("BLOB", "BYTEA")
              != q.text["postgres"] for q in queries)
    if queries and own / len(queries) > OWN_TEXT_SHARE_MAX:
        print(f"{own} of {len(queries)} statements differ between the engines, more than "
              f"{OWN_TEXT_SHARE_MAX:.0%}; write them in the words both know")
        return 1
    print(f"sql: {len(queries)} statements, {own} with a text for each engine, "
          f"{len(migrations)} migrations, {len(refused)} refused")
    if refused:
        return 1
    if not url:
        print("no PostgreSQL: PROBITY_TEST_POSTGRES is not set")
        return SKIPPED
    return 0


if __name__ == "__main__":
    sys.exit(main())
