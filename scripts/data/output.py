"""Writes import files and the manifest that says in which order they are loaded."""

import csv
import json

#: Departments of the demonstration, with codes of the range that GB 11714 keeps for in-house use.
POLICE, MARKET, STATISTICS, CULTURE, RESOURCES, CIVIL_AFFAIRS, TAX = (
    "11100000PDY00001X7", "11100000PDY0000287", "11100000PDY0000362", "11100000PDY000044W",
    "11100000PDY000052P", "11100000PDY000060J", "11100000PDY000079F",
)


class Output:
    """A folder of import files."""

    def __init__(self, folder):
        self.folder = folder
        self.entries = []
        folder.mkdir(parents=True, exist_ok=True)

    def ndjson(self, name, rows, **entry):
        """One JSON object a line; members that are None or empty are left out."""
        count = 0
        with open(self.folder / name, "w", encoding="utf-8") as file:
            for row in rows:
                kept = {k: v for k, v in row.items() if v not in (None, "", [], {})}
                file.write(json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n")
                count += 1
        self.add(name, count, **entry)

    def csv(self, name, columns, rows, **entry):
        """Rows as CSV; None is an empty cell."""
        count = 0
        with open(self.folder / name, "w", encoding="utf-8", newline="") as file:
            out = csv.writer(file, lineterminator="\n")
            out.writerow(columns)
            for row in rows:
                out.writerow([row.get(c, "") if row.get(c) is not None else "" for c in columns])
                count += 1
        self.add(name, count, **entry)

    def add(self, name, count, dataset, source, title, full=False):
        """A file of the manifest: its dataset, its source, its title; `full`: only `demo --full` loads it."""
        self.entries.append(
            {"dataset": dataset, "file": name, "source": source, "rows": count, "title": title, "full": full}
        )
        print(f"{name}: {count} rows for {dataset}", flush=True)

    def manifest(self):
        """Writes manifest.json."""
        text = json.dumps({"files": self.entries}, ensure_ascii=False, indent=1)
        (self.folder / "manifest.json").write_text(text + "\n", encoding="utf-8")
