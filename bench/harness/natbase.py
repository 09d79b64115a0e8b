"""natbase on the rows: a server on an empty directory, imports through it, look-ups through the whole gateway."""

import json
import os
import shutil
import signal
import time

from .load import ask, measure
from .processes import Server, cpu_seconds, memory_mb, run, size_mb

ADDRESS = "127.0.0.1:18640"
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Dataset, file of rows, source (its lead authority), in the order links want.
DATASETS = [
    ("population/persons", "persons", "11100000PDY00001X7"),
    ("legal-entity/enterprises", "enterprises", "11100000PDY0000287"),
    ("geospatial/places", "places", "11100000PDY000060J"),
    ("macroeconomy/indicators", "indicators", "11100000PDY0000362"),
    ("macroeconomy/observations", "observations", "11100000PDY0000362"),
    ("culture/works", "works", "11100000PDY000044W"),
]


def rows_command(program, out, scale, seed):
    """Makes the rows; divisions are those of the product's own list."""
    return [program, "--out", out, "--divisions", os.path.join(ROOT, "foundation/code-lists/division.csv"),
            "--scale", f"{scale:g}", "--seed", str(seed)]


class Natbase:
    def __init__(self, work, rows, program):
        self.root, self.rows, self.program = os.path.join(work, "natbase"), rows, program
        self.data = os.path.join(self.root, "data")
        self.server = None

    def start(self):
        shutil.rmtree(self.root, ignore_errors=True)
        os.makedirs(self.data)
        self._serve()

    def _serve(self):
        command = [self.program, "serve", "--data", self.data, "--address", ADDRESS]
        self.server = Server(command, f"{self.root}.log")

        def answers():
            try:
                return ask(f"http://{ADDRESS}", "/health/ready", seconds=2)[0] == 200
            except OSError:
                return False
        self.server.wait_for(answers)

    def load(self):
        """Imports, until the index holds everything: CPU of the server and of the importing client together."""
        raise NotImplementedError

    def look_up(self, connections, seconds):
        raise NotImplementedError

    def stop(self):
        if self.server:
            self.server.stop(signal.SIGTERM)

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)
