"""Write what a shipped Forbear is made of: a CycloneDX list of all packages, and the licence of each.

    uv run python scripts/sbom.py FOLDER

`FOLDER` gets `forbear.cdx.json` and `licences.txt`. The packages, their versions and digests are those of uv.lock, read
by uv itself; the licences are what the packages in this environment say of themselves. It ends with 1 when one says
nothing, or names a licence that isn't among those that go with Apache-2.0. The same lock gives the same bytes.
"""

import hashlib
import json
import re
import shutil
import subprocess
import sys
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
#: What the container image installs, see deploy/Containerfile.
EXTRAS = ("routes", "telemetry")
#: Words of licences that may be shipped with ours; LGPL and MPL libraries are used as they are, and not changed.
FITS = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software|MPL|Mozilla|LGPL|Lesser General|Unlicense|Zlib|0BSD|CC0|HPND|CNRI|"
    r"Public Domain|Boost|BSL",
    re.IGNORECASE,
)
#: What a package says nowhere in its metadata, looked up in its own LICENSE file.
LOOKED_UP = {"pyrage": "MIT"}


def components() -> dict:
    """uv's list of what the lock names for a shipped Forbear, without what changes from run to run."""
    own = ROOT / ".tools" / "uv" / "bin" / "uv"
    uv = str(own) if own.is_file() else shutil.which("uv") or "uv"
    extras = [word for extra in EXTRAS for word in ("--extra", extra)]
    command = [uv, "export", "--locked", "--no-dev", "--no-emit-project", "--quiet", *extras]
    command += ["--format", "cyclonedx1.5", "--preview-features", "sbom-export"]
    told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    bom = json.loads(told)
    bom["metadata"].pop("timestamp", None)
    bom.pop("serialNumber", None)
    digest = hashlib.sha256(json.dumps(bom, sort_keys=True).encode()).hexdigest()
    bom["serialNumber"] = (
        f"urn:uuid:{digest[:8]}-{digest[8:12]}-5{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
    )
    return bom


def licence_of(name: str) -> str:
    """What a package says of its licence, in one line; "" when it says nothing, or isn't installed."""
    try:
        about = metadata(name)
    except PackageNotFoundError:
        return LOOKED_UP.get(name, "")
    return (
        about.get("License-Expression") or _classified(about) or _first_line(about) or LOOKED_UP.get(name, "")
    )


def _classified(about: PackageMetadata) -> str:
    named = [line for line in about.get_all("Classifier") or [] if line.startswith("License ::")]
    return " OR ".join(line.rsplit(" :: ", 1)[-1] for line in named if line != "License :: OSI Approved")


def _first_line(about: PackageMetadata) -> str:
    return (about.get("License") or "").strip().split("\n", 1)[0][:100]


def main(folder: Path) -> int:
    """Write both files; 1 when a licence is unknown or doesn't fit."""
    bom, lines, wrong = components(), [], []
    for part in sorted(bom["components"], key=lambda part: (part["name"], part["version"])):
        licence = licence_of(part["name"])
        if _here(part):
            lines.append(f"{part['name']} {part['version']}: {licence}")
            if not FITS.search(licence):
                wrong.append(f"{part['name']}: {licence or 'says no licence'}")
        if licence:
            part["licenses"] = [{"license": {"name": licence}}]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "forbear.cdx.json").write_text(json.dumps(bom, indent=1, ensure_ascii=False) + "\n", "utf-8")
    (folder / "licences.txt").write_text("\n".join(lines) + "\n", "utf-8")
    for line in wrong:
        sys.stderr.write(f"{line}\n")
    sys.stdout.write(f"{len(bom['components'])} packages, {len(lines)} of them for this machine\n")
    return 1 if wrong else 0


def _here(part: dict) -> bool:
    """Whether the package is for machines like this one: not one for Windows alone."""
    try:
        metadata(part["name"])
    except PackageNotFoundError:
        properties = {each["name"]: each["value"] for each in part.get("properties", [])}
        return "uv:package:marker" not in properties
    return True


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
