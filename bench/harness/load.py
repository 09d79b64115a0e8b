"""Look-ups by `wrk`: the same script, connections and seconds for every server; CPU of the servers only."""

import os
import re
import subprocess
import tempfile
import threading
import time
import urllib.request

from .processes import cpu_seconds, memory_mb

# Requests are formatted once, before the clock runs, so that the client takes as little of the machine as it can.
SCRIPT = """
local requests = {}
local method, headers = os.getenv("BENCH_METHOD"), {}
for line in io.lines(os.getenv("BENCH_HEADERS")) do
  local name, value = line:match("^([^:]+): (.*)$")
  headers[name] = value
end
local bodies = os.getenv("BENCH_BODIES")
local next_body = bodies and io.lines(bodies) or function() return nil end
for path in io.lines(os.getenv("BENCH_PATHS")) do requests[#requests + 1] = { path, next_body() } end
function init(args)
  math.randomseed(20260101)
  for at, r in ipairs(requests) do requests[at] = wrk.format(method, r[1], headers, r[2]) end
end
function request() return requests[math.random(#requests)] end
function done(summary, latency, _)
  io.write(string.format("RESULT %d %d %f %f %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, summary.errors.status
    + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout, summary.bytes))
end
"""


def ask(base, path, headers=None, body=None, method=None, seconds=60):
    """One request: (status, body)."""
    data = body.encode() if isinstance(body, str) else body
    request = urllib.request.Request(base + path, data=data, headers=headers or {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def lines(rows, name):
    """A file of questions."""
    with open(os.path.join(rows, "queries", name), encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file if line.strip()]


def measure(base, paths, connections, seconds, pids, headers=None, bodies=None):
    """CPU µs a request, requests a second, median and p99 ms, memory at its highest, errors."""
    with tempfile.TemporaryDirectory(prefix="natbase-bench-") as directory:
        def put(name, text):
            path = os.path.join(directory, name)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
            return path
        env = {**os.environ, "BENCH_METHOD": "POST" if bodies else "GET", "BENCH_PATHS": put("paths", "\n".join(paths) + "\n"),
               "BENCH_HEADERS": put("headers", "".join(f"{n}: {v}\n" for n, v in (headers or {}).items()))}
        if bodies:
            env["BENCH_BODIES"] = put("bodies", "\n".join(bodies) + "\n")
        script = put("load.lua", SCRIPT)
        peak, stop = {}, threading.Event()

        def watch():
            while not stop.wait(1.0):
                for name, value in memory_mb(*pids).items():
                    peak[name] = max(peak.get(name, 0), value)
        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            load, before = os.getloadavg()[0], cpu_seconds(*pids)
            done = subprocess.run(
                ["wrk", "-t1", "--timeout", "20s", f"-c{connections}", f"-d{seconds}s", "-s", script, base],
                env=env, text=True, capture_output=True)
            time.sleep(0.3)
            after = cpu_seconds(*pids)
        finally:
            stop.set()
            watcher.join()
    found = re.search(r"RESULT (\S+) (\S+) (\S+) (\S+) (\S+) (\S+)", done.stdout)
    if not found:
        raise SystemExit(f"wrk failed: {(done.stdout + done.stderr)[-1000:]}")
    requests, microseconds, median, p99, errors, size = map(float, found.groups())
    if errors or not requests:
        raise SystemExit(f"{int(errors)} of {int(requests)} requests to {base}{paths[0][:60]} failed; nothing was measured")
    return {
        "connections": connections, "requests": int(requests), "cpu_us_a_request": round((after - before) * 1e6 / requests, 1),
        "requests_a_second": round(requests / microseconds * 1e6), "median_ms": round(median, 3), "p99_ms": round(p99, 3),
        "bytes_an_answer": round(size / requests), "memory_mb": peak, "load_average": round(load, 1),
    }
