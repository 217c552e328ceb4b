#!/usr/bin/env python3
"""The bill of materials of a build: tools/sbom.py [--binary FILE] [--out FILE]

Writes CycloneDX 1.5 JSON: every Debian package whose shared library the binary loads, the header
libraries compiled into it, and the npm packages of the lock files (scope `excluded` when they serve
building or testing only). Versions are those installed here, read from dpkg; nothing is fetched.
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Libraries whose code is compiled into the binary from headers and leave no name in `ldd`.
HEADER_PACKAGES = ("libboost1.81-dev", "libcli11-dev", "libtomlplusplus-dev", "libfmt-dev")
COPYRIGHT = Path("/usr/share/doc")


def output_of(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def libraries(ldd_text: str) -> list[str]:
    """The files that the loader names; the kernel's own page has none."""
    return sorted(set(re.findall(r"(?:=> |^\s*)(/\S+) \(0x", ldd_text, re.M)))


def package_of(file: str) -> str | None:
    """The package of an installed file. /lib may be a link to /usr/lib, and dpkg knows one name."""
    real = str(Path(file).resolve())
    for name in (file, real, file.removeprefix("/usr"), real.removeprefix("/usr")):
        found = output_of("dpkg-query", "-S", name)
        if found:
            return found.split(": ")[0].split(",")[0].strip()
    return None


def licences_in(copyright_text: str) -> list[str]:
    """The licence names of a machine-readable copyright file; empty when it is free text."""
    names = re.findall(r"^License:[ \t]*(\S[^\n]*)$", copyright_text, re.M)
    return sorted({name.strip() for name in names})


def debian_component(package: str) -> dict:
    fields = "-f=${Package}\t${Version}\t${Architecture}\t${source:Package}"
    shown = output_of("dpkg-query", "-W", fields, package)
    name, version, architecture, source = shown.split("\t")
    text_path = COPYRIGHT / name / "copyright"
    text = text_path.read_text(encoding="utf-8", errors="replace") if text_path.exists() else ""
    component = {
        "type": "library",
        "name": name,
        "version": version,
        "purl": f"pkg:deb/debian/{name}@{version}?arch={architecture}",
        "properties": [{"name": "debian:source", "value": source}],
    }
    if names := licences_in(text):
        component["licenses"] = [{"license": {"name": licence}} for licence in names]
    return component


def npm_components(lock_text: str, scope: str) -> list[dict]:
    components = []
    for path, entry in sorted(json.loads(lock_text)["packages"].items()):
        if not path or "version" not in entry:
            continue
        name = path.rpartition("node_modules/")[2]
        component = {
            "type": "library", "name": name, "version": entry["version"],
            "scope": "excluded" if entry.get("dev") else scope,
            "purl": f"pkg:npm/{name.replace('@', '%40')}@{entry['version']}",
        }
        if licence := entry.get("license"):
            component["licenses"] = [{"license": {"name": licence}}]
        components.append(component)
    return components


def bill(binary: Path) -> dict:
    packages = {package_of(file) for file in libraries(output_of("ldd", str(binary)))}
    missing = None in packages
    names = sorted({p for p in packages if p} | set(HEADER_PACKAGES))
    components = [debian_component(name) for name in names]
    for lock, scope in (("tests/package-lock.json", "excluded"), ("web/package-lock.json",
                                                                  "required")):
        if (ROOT / lock).exists():
            components += npm_components((ROOT / lock).read_text(encoding="utf-8"), scope)
    if missing:
        print("sbom: a loaded library belongs to no package", file=sys.stderr)
    version = re.search(r"VERSION (\S+)", (ROOT / "CMakeLists.txt").read_text(encoding="utf-8")
                        .split("project(probity")[1])
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {
            "type": "application", "name": "probity", "version": version[1] if version else "0",
            "licenses": [{"license": {"id": "Apache-2.0"}}],
        }},
        "components": components,
    }


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", type=Path, default=ROOT / "build/probity")
    parser.add_argument("--out", type=Path, default=ROOT / "build/sbom.cdx.json")
    options = parser.parse_args()
    if not options.binary.exists():
        print(f"sbom: {options.binary} is not built; run ./run --build-only", file=sys.stderr)
        return 1
    made = bill(options.binary)
    options.out.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    print(f"sbom: {len(made['components'])} components in {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
