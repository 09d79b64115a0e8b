"""Processes: starting them as a user, ending them by pid, and what they cost.

CPU is user + system time of a process, its living descendants and every descendant it has reaped, from
/proc/PID/stat. It hardly depends on what else the machine does, which wall-clock time does.
"""

import os
import signal
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")


def _stat(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        cells = file.read().rsplit(")", 1)[1].split()
    return int(cells[1]), sum(map(int, cells[11:15]))


def tree(pid):
    """A process and its living descendants."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                parents[int(name)] = _stat(name)[0]
            except OSError:
                pass
    found, frontier = [pid], {pid}
    while frontier:
        frontier = {p for p, parent in parents.items() if parent in frontier}
        found += sorted(frontier)
    return found


def cpu_seconds(*pids):
    """CPU seconds of the trees of `pids`, reaped descendants included. Read it while nothing starts or ends."""
    total = 0
    for pid in {p for root in pids for p in tree(root)}:
        try:
            total += _stat(pid)[1]
        except OSError:
            pass
    return total / TICK


def memory_mb(*pids):
    """Resident memory of the trees of `pids`: anonymous, mapped files, and proportional (shared pages counted once)."""
    sums = {"anonymous": 0, "mapped": 0, "shared": 0, "proportional": 0}
    names = {"RssAnon:": "anonymous", "RssFile:": "mapped", "RssShmem:": "shared", "Pss:": "proportional"}
    for pid in {p for root in pids for p in tree(root)}:
        for source in ("status", "smaps_rollup"):
            try:
                with open(f"/proc/{pid}/{source}", encoding="utf-8") as file:
                    for line in file:
                        cells = line.split()
                        if cells[0] in names:
                            sums[names[cells[0]]] += int(cells[1])
            except OSError:
                pass
    return {name: round(kib / 1024) for name, kib in sums.items()}


class Server:
    """A server of this run: started in its own session, ended by its own pid."""

    def __init__(self, command, log, user=None, env=None, cwd=None):
        self.name = os.path.basename(command[0])
        self.log = log
        as_user = {"user": user, "group": user, "extra_groups": []} if user else {}
        with open(log, "ab") as out:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, start_new_session=True,
                env={**os.environ, **(env or {})}, cwd=cwd, **as_user)
        self.pid = self.process.pid

    def wait_for(self, ready, seconds=120):
        """Waits until `ready()` holds; fails with the end of the log if the server ends first."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"{self.name} did not get ready; the end of {self.log}:\n{self.tail()}")
            time.sleep(0.1)

    def tail(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return "".join(file.readlines()[-20:])

    def stop(self, how=signal.SIGTERM, seconds=120):
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def run(command, **options):
    """Runs a command to its end: (seconds of wall clock, seconds of CPU, standard output). Fails with its errors."""
    before, started = os.times(), time.monotonic()
    done = subprocess.run(command, text=True, capture_output=True, **options)
    after = os.times()
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))[:300]}\nended with {done.returncode}:\n{(done.stdout + done.stderr)[-3000:]}")
    cpu = after.children_user - before.children_user + after.children_system - before.children_system
    return time.monotonic() - started, cpu, done.stdout


def size_mb(path):
    """Disk taken by a directory."""
    return int(subprocess.run(["du", "-sk", path], text=True, capture_output=True, check=True).stdout.split()[0]) // 1024


def sync_ms(directory):
    """Median milliseconds of an fdatasync there: the price of a durable answer on this disk."""
    path = os.path.join(directory, "sync.tmp")
    times = []
    file = os.open(path, os.O_CREAT | os.O_WRONLY)
    try:
        os.pwrite(file, bytes(1 << 20), 0)
        os.fsync(file)
        for at in range(200):
            started = time.perf_counter()
            os.pwrite(file, b"x" * 512, at * 512)
            os.fdatasync(file)
            times.append(time.perf_counter() - started)
    finally:
        os.close(file)
        os.remove(path)
    return round(sorted(times)[100] * 1000, 3)
