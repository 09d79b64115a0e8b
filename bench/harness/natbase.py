"""natbase on the rows: imports into an empty directory, then a server on it and look-ups through the whole gateway."""

import json
import os
import shutil
import signal
import time

from .load import ask, lines, measure
from .questions import questions
from .processes import Server, cpu_seconds, memory_mb, run, size_mb

ADDRESS = "127.0.0.1:18640"
BASE = f"http://{ADDRESS}"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Dataset, file of rows, source (its lead authority); what others link to comes first.
DATASETS = [
    ("population/persons", "persons", "11100000PDY00001X7"),
    ("legal-entity/enterprises", "enterprises", "11100000PDY0000287"),
    ("geospatial/places", "places", "11100000PDY000060J"),
    ("macroeconomy/indicators", "indicators", "11100000PDY0000362"),
    ("macroeconomy/observations", "observations", "11100000PDY0000362"),
    ("culture/works", "works", "11100000PDY000044W"),
]

# Who looks up: another department, under a grant that shows the number and the address masked.
DEPARTMENT = "11100000PDY000060J"
GRANT = f"""
[[grant]]
id = "bench"
department = "{DEPARTMENT}"
dataset = "population/persons"
acts = ["get", "lookup"]
fields = ["name", "sex", "birth_date", "ethnic_group", "domicile_division", "life_status", "father", "mother"]
masked = ["citizen_id", "domicile_address"]
purpose = "性能测量"
ground = "bench"
from = "2020-01-01"
to = "2099-01-01"
rows-per-answer-max = 1000
rows-per-day-max = 1000000000000

[[grant]]
id = "bench-enterprises"
department = "{DEPARTMENT}"
dataset = "legal-entity/enterprises"
acts = ["get", "list", "search"]
fields = ["credit_code", "name", "kind", "division", "address", "industry", "status", "registered_capital", "established",
  "location"]
purpose = "性能测量"
ground = "bench"
from = "2020-01-01"
to = "2099-01-01"
rows-per-answer-max = 1000
rows-per-day-max = 1000000000000
"""


def rows_command(program, out, scale, seed):
    """Makes the rows; divisions are those of the product's own list."""
    return [program, "--out", out, "--divisions", os.path.join(ROOT, "foundation/code-lists/division.csv"),
            "--scale", f"{scale:g}", "--seed", str(seed)]


class Natbase:
    def __init__(self, work, rows, program):
        self.root, self.rows, self.program = os.path.join(work, "natbase"), rows, program
        self.data = os.path.join(self.root, "data")
        self.server = None

    def load(self, first=False):
        """Imports dataset after dataset, each until the index holds it: all CPU of all processes. `first`: by sorted files."""
        shutil.rmtree(self.root, ignore_errors=True)
        os.makedirs(self.data)
        datasets = {}
        for dataset, name, source in DATASETS:
            command = [self.program, "import", dataset, f"{self.rows}/import/{name}.csv", "--source", source,
                       "--data", self.data, "--json", *(["--first-load"] if first else [])]
            wall, cpu, out = run(command)
            report = json.loads(out[out.index("{"):])
            if report["rejected"]:
                raise SystemExit(f"{dataset}: {report['rejected']} rows refused: {report['problems'][:3]}")
            datasets[name] = {"rows": report["accepted"], "cpu_s": round(cpu, 2), "wall_s": round(wall, 2)}
            print(f"  {dataset}: {datasets[name]}", flush=True)
        return {
            "rows": sum(d["rows"] for d in datasets.values()), "cpu_s": round(sum(d["cpu_s"] for d in datasets.values()), 2),
            "wall_s": round(sum(d["wall_s"] for d in datasets.values()), 2), "directory_mb": size_mb(self.data),
            "of_directory_mb": {name: size_mb(os.path.join(self.data, name)) for name in sorted(os.listdir(self.data))
                                if os.path.isdir(os.path.join(self.data, name))},
            "datasets": datasets}

    def start(self):
        """Starts the server; gives the CPU seconds until it is ready and the index holds everything."""
        with open(os.path.join(self.data, "grants.toml"), "w", encoding="utf-8") as file:
            file.write(GRANT)
        self.server = Server([self.program, "serve", "--data", self.data, "--listen", ADDRESS], f"{self.root}.log")

        def answers():
            try:
                return ask(BASE, "/health/ready", seconds=2)[0] == 200
            except OSError:
                return False
        self.server.wait_for(answers)
        self.server.wait_for(lambda: self._lag() == 0, 600)
        return round(cpu_seconds(self.server.pid), 2)

    @staticmethod
    def _lag():
        """Commits that the index does not hold yet, by the server's own metrics."""
        text = ask(BASE, "/metrics")[1].decode()
        return sum(float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith("natbase_index_lag_commits"))

    def token(self, *roles, department=None):
        command = [self.program, "token", "--data", self.data]
        for role in roles:
            command += ["--role", role]
        if department:
            command += ["--department", department]
        return run(command)[2].strip()

    def headers(self):
        return {"Authorization": "Bearer " + self.token("department", department=DEPARTMENT), "Natbase-Grant": "bench",
                "Natbase-Case": "BENCH-1", "Natbase-Officer": "bench"}

    def ids(self, headers, numbers):
        """The ids of persons, asked by number, a thousand at a time."""
        path, found = "/api/v1/datasets/population/persons/records:lookup", []
        for start in range(0, len(numbers), 1000):
            body = json.dumps({"keys": [{"citizen_id": number} for number in numbers[start:start + 1000]]})
            status, answer = ask(BASE, path, {**headers, "Content-Type": "application/json"}, body)
            if status != 200:
                raise SystemExit(f"looking persons up by number: {status} {answer[:500]}")
            found += [item["record"]["id"] for item in json.loads(answer)["items"] if item["status"] == "found"]
        if len(found) != len(numbers):
            raise SystemExit(f"{len(numbers) - len(found)} of {len(numbers)} persons were not found by number")
        return found

    def look_up(self, connections, seconds, short=False):
        """By id through token, policy, mask and audit log, everything loaded; words, boxes and series beside it."""
        headers, pids = self.headers(), (self.server.pid,)
        at_rest = memory_mb(*pids)
        ids = self.ids(headers, lines(self.rows, "persons.txt"))
        paths = [f"/api/v1/datasets/population/persons/records/{one}" for one in ids]
        measure(BASE, paths, connections[0], 2, pids, headers)
        measured = {str(c): measure(BASE, paths, c, seconds, pids, headers) for c in connections}
        memory = {name: max(m["memory_mb"].get(name, 0) for m in measured.values()) for name in at_rest}
        memory["resident"] = memory["anonymous"] + memory["mapped"]
        return {"example": ask(BASE, paths[0], headers)[1].decode(), "by_connections": measured, "memory_mb": memory,
                "memory_at_rest_mb": at_rest,
                "index": self.index_mb(),
                "others": {} if short else {
                    name: self._try(ours, seconds, pids, {**headers, "Natbase-Grant": "bench-enterprises"} if granted else None)
                    for name, (_, _, _, ours, _, granted) in questions(self.rows).items() if ours}}

    def _try(self, paths, seconds, pids, headers):
        status, answer = ask(BASE, paths[0], headers)
        if status != 200:
            return {"refused": f"{status} {answer[:300].decode(errors='replace')}"}
        return {**measure(BASE, paths, 8, seconds, pids, headers), "example": answer[:600].decode(errors="replace")}

    def index_mb(self):
        """The search index by kind of file, MB."""
        kinds = {}
        for folder, _, files in os.walk(os.path.join(self.data, "index")):
            for file in files:
                kind = file.rsplit(".", 1)[-1] if "." in file else "other"
                kinds[kind] = kinds.get(kind, 0) + os.path.getsize(os.path.join(folder, file))
        return {kind: round(size / 1e6, 1) for kind, size in sorted(kinds.items())}

    def rebuild(self):
        """Makes every index anew from the store: documents a second, wall and CPU."""
        self.stop()
        self.server = None
        wall, cpu, out = run([self.program, "check", "--rebuild", "--data", self.data, "--json"])
        reports = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
        documents = sum(one["documents"] for report in reports for one in report["datasets"])
        problems = [problem for report in reports for problem in report["problems"]]
        if problems:
            raise SystemExit(f"check: {problems[:3]}")
        return {"documents": documents, "wall_s": round(wall, 1), "cpu_s": round(cpu, 1), "documents_a_second": round(documents / wall)}

    def stop(self):
        if self.server:
            self.server.stop(signal.SIGTERM)

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)
