#!/usr/bin/env python3
"""Checks the catalogue of promises and generates docs/promises.md from it.

    promises.py [--check] [--root DIR]

Without --check it rewrites docs/promises.md; with --check it writes nothing and fails when the file
is stale. Mistakes in src/attest/catalogue.json fail in both cases, and so does a room or a test
file that is named and does not exist.
"""

import argparse
import json
import re
import sys
from pathlib import Path

CATALOGUE = Path("src/attest/catalogue.json")
TABLE = Path("docs/statement.md")
GENERATED = Path("docs/promises.md")

# The five model statements: clause prefix, name, number of clauses, last line that holds one.
SEEDS = {
    "MW": ("MirrorWave", 49, 39),
    "WI": ("Wingify", 55, 28),
    "SW": ("Software", 41, 53),
    "HV": ("HOA voting", 36, 98),
    "MC": ("MindaClient", 30, 41),
}
KINDS = ("SOFTWARE", "OPERATIONS", "ORGANISATION")
METHODS = ("LIVE", "DRILL", "TEST", "EVIDENCE")
PRODUCTS = ("core", "ask", "watch", "vote", "measure")

# What this version claims. A clause can gain or lose its standing only by a change here.
# WHOLE: each of its promises has a probe. BEGUN: some have, at least one is not built.
# No other clause may stand behind a promise with a probe.
WHOLE = """
MW-01 MW-03 MW-04 MW-05 MW-07 MW-08 MW-09 MW-10 MW-11 MW-12 MW-13 MW-14 MW-39 MW-43 MW-49
WI-19 WI-20 WI-22 WI-24 WI-26 WI-35 WI-51 WI-53 WI-54 WI-55
SW-01 SW-13 SW-16 SW-17 SW-26 SW-28 SW-31
HV-16 HV-17 HV-18 HV-20 MC-17 MC-18 MC-21
""".split()
BEGUN = """
MW-06 MW-15 MW-38 WI-05 WI-06 WI-07 WI-08 WI-18 WI-21 WI-25 WI-27 WI-52
SW-08 SW-12 SW-14 SW-15 SW-29 HV-14 MC-19
""".split()

PROMISE_KEYS = {
    "id", "chapter", "sentence", "clauses", "method", "probe", "products", "built", "room", "tests",
    "sees_not",
}
EVIDENCE_KEYS = {"evidence_kind", "evidence_max_days"}
PROBE_NAME = re.compile(r"[a-z]+\.[a-z0-9]+(_[a-z0-9]+)+")
EVIDENCE_KIND = re.compile(r"[a-z][a-z0-9_]*")
SENTENCE_CHARACTERS = 300  # One claim a reader takes in at once; longer ones are to be split.
PROBE_ROW = re.compile(r"^\| `([^`]+)` \|")
PROBE_COLUMNS = 6


def every_clause() -> list[str]:
    return [f"{seed}-{n:02}" for seed, (_, count, _) in SEEDS.items() for n in range(1, count + 1)]


def load(root: Path) -> dict:
    return json.loads((root / CATALOGUE).read_text(encoding="utf-8"))


def check_clauses(clauses: dict) -> list[str]:
    found = []
    expected = every_clause()
    found += [f"clause {c}: missing from the catalogue" for c in expected if c not in clauses]
    found += [f"clause {c}: no such clause" for c in clauses if c not in expected]
    for clause in sorted(set(expected) & set(clauses)):
        name, _, last_line = SEEDS[clause[:2]]
        entry = clauses[clause]
        if entry.get("seed") != name:
            found.append(f"clause {clause}: seed must be {name!r}")
        if not isinstance(entry.get("line"), int) or not 1 <= entry["line"] <= last_line:
            found.append(f"clause {clause}: line must be 1 to {last_line}")
        if entry.get("kind") not in KINDS:
            found.append(f"clause {clause}: kind must be one of {', '.join(KINDS)}")
    return found


def check_words(promise: dict) -> list[str]:
    found = []
    name = promise["id"]
    if not name.startswith(f"p-{promise['chapter']}-"):
        found.append(f"{name}: the id must begin with p-{promise['chapter']}-")
    sentence = promise["sentence"]
    plain = sentence.endswith(".") and sentence[:1].isupper()
    if not plain or len(sentence) > SENTENCE_CHARACTERS:
        found.append(f"{name}: one sentence of at most {SENTENCE_CHARACTERS} characters, please")
    if not promise["sees_not"].endswith("."):
        found.append(f"{name}: sees_not must say what the check misses")
    if not promise["products"] or set(promise["products"]) - set(PRODUCTS):
        found.append(f"{name}: products must be some of {', '.join(PRODUCTS)}")
    return found


def check_method(promise: dict) -> list[str]:
    name, method, probe = promise["id"], promise["method"], promise["probe"]
    evidence = method == "EVIDENCE"
    found = []
    if method not in METHODS:
        found.append(f"{name}: method must be one of {', '.join(METHODS)}")
    if evidence and (probe is not None or not promise["built"]):
        found.append(f"{name}: a promise by evidence has no probe and is built")
    if evidence != bool(EVIDENCE_KIND.fullmatch(promise.get("evidence_kind", ""))):
        found.append(f"{name}: evidence_kind belongs to the method EVIDENCE, and to no other")
    if "evidence_max_days" in promise and (not evidence or promise["evidence_max_days"] < 1):
        found.append(f"{name}: evidence_max_days is a number of days, for evidence only")
    if not evidence and promise["built"] != (probe is not None):
        found.append(f"{name}: built and a probe go together; without a probe it is not built")
    if probe is not None and not PROBE_NAME.fullmatch(probe):
        found.append(f"{name}: probe {probe!r} is not of the form area.noun_state")
    if promise["built"] and not promise["tests"]:
        found.append(f"{name}: built, but no test is named")
    return found


def check_promises(catalogue: dict) -> list[str]:
    found = []
    chapters = [c["id"] for c in catalogue["chapters"]]
    promises = catalogue["promises"]
    for field in ("id", "sentence"):
        values = [p[field] for p in promises if field in p]
        twice = sorted({v for v in values if values.count(v) > 1})
        found += [f"{field} used twice: {v}" for v in twice]
    found += [f"chapter {c}: has no promise" for c in chapters
              if not any(p.get("chapter") == c for p in promises)]
    for promise in promises:
        name = promise.get("id", "a promise without id")
        missing = PROMISE_KEYS - set(promise)
        unknown = set(promise) - PROMISE_KEYS - EVIDENCE_KEYS
        if missing or unknown:
            found.append(f"{name}: missing {sorted(missing)}, unknown {sorted(unknown)}")
            continue
        if promise["chapter"] not in chapters:
            found.append(f"{name}: no chapter {promise['chapter']!r}")
        if not promise["clauses"]:
            found.append(f"{name}: satisfies no clause")
        known = catalogue["clauses"]
        found += [f"{name}: no clause {c}" for c in promise["clauses"] if c not in known]
        found += check_words(promise)
        found += check_method(promise)
    return found


def check_standing(catalogue: dict) -> list[str]:
    found = []
    for clause in every_clause():
        promises = [p for p in catalogue["promises"] if clause in p["clauses"]]
        probed = [p for p in promises if p["probe"]]
        if not promises:
            found.append(f"clause {clause}: no promise covers it")
        elif clause in WHOLE and len(probed) != len(promises):
            found.append(f"clause {clause}: every one of its promises needs a probe")
        elif clause in BEGUN and not 0 < len(probed) < len(promises):
            found.append(f"clause {clause}: some of its promises need a probe, one is not built")
        elif clause not in WHOLE + BEGUN and probed:
            found.append(f"clause {clause}: has a probe ({probed[0]['probe']}) but no standing")
    return found


def check_limits(catalogue: dict) -> list[str]:
    limits = catalogue.get("limits") or [""]
    if "absolute security" not in limits[0].lower():
        return ["limits: the first one must say that there is no absolute security"]
    return [f"limits: not a sentence: {line!r}" for line in limits if not line.endswith(".")]


def probe_table(text: str) -> dict[str, list[str]]:
    """The rows of the probe table: name -> the other cells."""
    rows = {}
    for line in text.splitlines():
        match = PROBE_ROW.match(line)
        if match and "." in match[1]:
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            rows[match[1]] = cells[1:]
    return rows


def check_table(catalogue: dict, text: str) -> list[str]:
    rows = probe_table(text)
    probes = {p["probe"] for p in catalogue["promises"] if p["probe"]}
    found = [f"{TABLE}: no row for probe {name}" for name in sorted(probes - set(rows))]
    found += [f"{TABLE}: no promise uses probe {name}" for name in sorted(set(rows) - probes)]
    for name, cells in rows.items():
        if len(cells) != PROBE_COLUMNS - 1 or not all(cells):
            found.append(f"{TABLE}: the row of {name} needs {PROBE_COLUMNS} filled cells")
    return found


def check(catalogue: dict, table: str) -> list[str]:
    """What is wrong, one line each; empty when all is well."""
    found = check_clauses(catalogue["clauses"]) + check_limits(catalogue)
    found += check_promises(catalogue)
    if found:
        return found
    return check_standing(catalogue) + check_table(catalogue, table)


def absent(catalogue: dict, root: Path) -> list[str]:
    """Rooms and tests that a built promise names and that do not exist."""
    built = [p for p in catalogue["promises"] if p["built"]]
    rooms = sorted({p["room"] for p in built})
    tests = sorted({t for p in built for t in p["tests"]})
    return [f"no room {r}" for r in rooms if not (root / r).is_dir()] + [
        f"no test file {t}" for t in tests if not (root / t).is_file()]


def state(promise: dict) -> str:
    if promise["method"] == "EVIDENCE":
        return "by evidence"
    return "built" if promise["built"] else "not built"


def row(line: str, clause: str, kind: str, promise: dict) -> str:
    proof = f"`{promise['probe']}`" if promise["probe"] else ""
    if promise["method"] == "EVIDENCE":
        proof = f"evidence `{promise['evidence_kind']}`"
    tests = "<br>".join(f"`{t}`" for t in promise["tests"])
    sentence = promise["sentence"].replace("|", "\\|")
    cells = [line, clause, kind, sentence, ", ".join(promise["products"]), promise["method"], proof,
             f"`{promise['room']}`", tests, state(promise)]
    return "| " + " | ".join(cells) + " |"


def render_seed(catalogue: dict, seed: str) -> list[str]:
    name, count, _ = SEEDS[seed]
    out = [f"## {seed}: {name}, {count} clauses", "",
           "| line | clause | kind | our sentence | product | method | probe "
           "| room | tests | state |",
           "|--:|---|---|---|---|---|---|---|---|---|"]
    clauses = {c: e for c, e in catalogue["clauses"].items() if c.startswith(seed)}
    for clause, entry in sorted(clauses.items(), key=lambda item: (item[1]["line"], item[0])):
        first = (str(entry["line"]), clause, entry["kind"].lower())
        for promise in catalogue["promises"]:
            if clause in promise["clauses"]:
                out.append(row(*first, promise))
                first = ("", "", "")
    return out + [""]


def render_probes(catalogue: dict) -> list[str]:
    out = ["## Probes", "",
           "What each one does, and how a test makes it fail: [statement.md](statement.md).", "",
           "| probe | method | promises | clauses |", "|---|---|---|---|"]
    probed = [p for p in catalogue["promises"] if p["probe"]]
    for probe in sorted({p["probe"] for p in probed}):
        users = [p for p in probed if p["probe"] == probe]
        names = "<br>".join(f"`{p['id']}`" for p in users)
        clauses = ", ".join(sorted({c for p in users for c in p["clauses"]}))
        out.append(f"| `{probe}` | {users[0]['method']} | {names} | {clauses} |")
    return out + [""]


def render_evidence(catalogue: dict) -> list[str]:
    out = ["## Kinds of evidence", "",
           "A record of the kind makes the sentence green until it expires, or until the document",
           "is older than the days given.", "",
           "| kind | sentence | clauses | at most, days |", "|---|---|---|--:|"]
    for promise in catalogue["promises"]:
        if promise["method"] == "EVIDENCE":
            clauses, days = ", ".join(promise["clauses"]), promise.get("evidence_max_days", "")
            kind, sentence = promise["evidence_kind"], promise["sentence"]
            out.append(f"| `{kind}` | {sentence} | {clauses} | {days} |")
    return out + [""]


def render(catalogue: dict) -> str:
    promises = catalogue["promises"]
    states = [state(p) for p in promises]
    clauses = every_clause()
    out = ["# Promises, clause by clause", "",
           "Generated by `tools/promises.py` from `src/attest/catalogue.json`; do not edit.", "",
           "From each line of the five model statements to our sentence, the probe that measures",
           "it, the room of the code and the tests. What holds at this moment on a server is on",
           "its `/security` page; here is what this version can show.", "",
           f"- {len(promises)} sentences: {states.count('built')} with a probe, "
           f"{states.count('by evidence')} by evidence, {states.count('not built')} not built.",
           f"- {len(clauses)} clauses: {len(WHOLE)} with a probe for every sentence, "
           f"{len(BEGUN)} begun.",
           f"- {len({p['probe'] for p in promises if p['probe']})} probes.", ""]
    for seed in SEEDS:
        out += render_seed(catalogue, seed)
    return "\n".join(out + render_probes(catalogue) + render_evidence(catalogue)).rstrip() + "\n"


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail when stale")
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parents[1])
    options = parser.parse_args(arguments)
    catalogue = load(options.root)
    failures = check(catalogue, (options.root / TABLE).read_text(encoding="utf-8"))
    failures += absent(catalogue, options.root)
    target = options.root / GENERATED
    if not failures:
        text = render(catalogue)
        current = target.read_text(encoding="utf-8") if target.exists() else ""
        if options.check and current != text:
            failures.append(f"{GENERATED} is stale: run tools/promises.py")
        elif not options.check and current != text:
            target.write_text(text, encoding="utf-8")
    for line in failures:
        print(f"error: {line}", file=sys.stderr)
    print(f"promises: {len(failures)} errors")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
