"""The peer: PostgreSQL 15 with PostGIS on the same rows, its own cluster in a temporary directory, behind `pgrest`."""

import os
import shutil
import signal
import subprocess
import sys
import time

from .load import ask, lines, measure
from .questions import questions
from .processes import Server, cpu_seconds, memory_mb, run, size_mb

BIN = "/usr/lib/postgresql/15/bin"
PORT = 54641
REST = "127.0.0.1:18641"

# Durable and tuned: everything fits the cache, index builds have memory, commits are synced.
SETTINGS = {
    "listen_addresses": "''", "max_connections": "60", "shared_buffers": "4GB", "effective_cache_size": "12GB",
    "work_mem": "64MB", "maintenance_work_mem": "1GB", "max_wal_size": "8GB", "min_wal_size": "1GB",
    "checkpoint_timeout": "15min", "checkpoint_completion_target": "0.9", "wal_compression": "lz4", "wal_level": "replica",
    "synchronous_commit": "on", "fsync": "on", "random_page_cost": "1.1", "effective_io_concurrency": "200",
    "max_parallel_workers_per_gather": "2", "max_parallel_maintenance_workers": "2", "jit": "off",
    "default_statistics_target": "200", "log_min_messages": "warning",
}

# Table -> (columns, indexes). The same questions can be asked of both sides: by key, by name, by division, by link
# backwards, by words, by box, by series.
TABLES = {
    "person": (
        "number text not null, name text not null, sex smallint, born date, ethnicity text, division text, address text, "
        "status text, father text, mother text, updated timestamptz",
        ["alter table person add primary key (number)",
         "create index person_name on person (name, division)",
         "create index person_division on person (division) include (sex, born)",
         "create index person_father on person (father) where father is not null",
         "create index person_mother on person (mother) where mother is not null",
         "create index person_updated on person using brin (updated)"]),
    "enterprise": (
        "credit_code text not null, name text not null, kind text, division text, address text, industry text, "
        "status text, capital bigint, established date, representative text, geom geometry(Point, 4326), updated timestamptz, "
        "words tsvector",
        ["alter table enterprise add primary key (credit_code)",
         "create index enterprise_representative on enterprise (representative)",
         "create index enterprise_division on enterprise (division)",
         "create index enterprise_geom on enterprise using gist (geom)",
         "create index enterprise_words on enterprise using gin (words) with (fastupdate = off)"]),
    "place": (
        "id text not null, name text, kind text, division text, updated timestamptz, "
        "geom geometry(Geometry, 4326), words tsvector",
        ["alter table place add primary key (id)",
         "create index place_geom on place using gist (geom)",
         "create index place_kind on place (kind, division)",
         "create index place_words on place using gin (words)"]),
    "indicator": ("code text primary key, name text, unit text", []),
    "observation": (
        "indicator text, division text, frequency char(1), period date, vintage date, value double precision",
        ["alter table observation add primary key (indicator, frequency, division, period, vintage) include (value)",
         "create index observation_period on observation (indicator, frequency, period) include (division, value)"]),
    "work": (
        "id text not null, title text, creator text, era text, genre text, collection text, description text, "
        "updated timestamptz, words tsvector",
        ["alter table work add primary key (id)",
         "create index work_words on work using gin (words)"]),
}


def install():
    """Installs what is missing with apt-get, if that may be done; else says the command."""
    missing = []
    if not os.path.exists(f"{BIN}/postgres"):
        missing.append("postgresql-15")
    if not os.path.exists("/usr/share/postgresql/15/extension/postgis.control"):
        missing.append("postgresql-15-postgis-3")
    if not os.path.exists("/usr/share/postgresql/15/extension/rum.control"):
        missing.append("postgresql-15-rum")
    if not shutil.which("wrk"):
        missing.append("wrk")
    if not missing:
        return
    command = "apt-get install -y --no-install-recommends " + " ".join(missing)
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SystemExit(f"missing: {' '.join(missing)}; on Debian 12: sudo {command}")
    subprocess.run("apt-get update -qq && " + command, shell=True, check=True, stdout=sys.stderr)


class Postgres:
    def __init__(self, work, rows):
        self.root, self.rows = os.path.join(work, "postgres"), rows
        self.data, self.socket = os.path.join(self.root, "data"), os.path.join(self.root, "socket")
        self.user = "postgres" if os.geteuid() == 0 else None
        self.server = None

    def psql(self, statement, database="bench"):
        command = [f"{BIN}/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", self.socket, "-p", str(PORT),
                   "-U", "postgres", "-d", database]
        return run(command, input=statement)[2].strip()

    def start(self):
        shutil.rmtree(self.root, ignore_errors=True)
        os.makedirs(self.socket)
        if self.user:
            # The server's user must reach its directory and the rows.
            for path in (self.root, self.socket):
                shutil.chown(path, self.user, self.user)
        as_user = {"user": self.user, "group": self.user, "extra_groups": []} if self.user else {}
        run([f"{BIN}/initdb", "-D", self.data, "-U", "postgres", "--encoding=UTF8", "--locale=C.UTF-8", "-A", "trust",
             "--data-checksums"], cwd="/", **as_user)
        with open(f"{self.data}/postgresql.auto.conf", "a", encoding="utf-8") as file:
            file.writelines(f"{name} = {value}\n" for name, value in SETTINGS.items())
            file.write(f"unix_socket_directories = '{self.socket}'\nport = {PORT}\n")
        self.server = Server([f"{BIN}/postgres", "-D", self.data], f"{self.root}.log", self.user, cwd="/")
        ready = [f"{BIN}/pg_isready", "-q", "-h", self.socket, "-p", str(PORT)]
        self.server.wait_for(lambda: subprocess.run(ready).returncode == 0)
        self.psql("create database bench", "postgres")
        self.psql("create extension postgis")
        return self.psql("select 'PostgreSQL ' || current_setting('server_version') || ', PostGIS ' || postgis_lib_version()")

    def _costs(self, statement):
        before, started = cpu_seconds(self.server.pid), time.monotonic()
        self.psql(statement)
        wall = time.monotonic() - started
        time.sleep(0.3)  # the backend is reaped
        return round(cpu_seconds(self.server.pid) - before, 2), round(wall, 2)

    def load(self):
        """COPY, then indexes, table by table; then a checkpoint, so that what was written is paid for."""
        tables, whole = {}, cpu_seconds(self.server.pid)
        for table, (columns, indexes) in TABLES.items():
            self.psql(f"create table {table} ({columns})")
            copy = self._costs(f"copy {table} from '{self.rows}/copy/{table}.tsv'")
            builds = {build.split(" on ")[0]: self._costs(build) for build in indexes}
            tables[table] = {
                "rows": int(self.psql(f"select count(*) from {table}")), "copy_cpu_s": copy[0],
                "index_cpu_s": round(sum(cpu for cpu, _ in builds.values()), 2),
                "wall_s": round(copy[1] + sum(wall for _, wall in builds.values()), 2),
                "of_index_cpu_s": {name: cpu for name, (cpu, _) in builds.items()}}
            print(f"  {table}: {tables[table]}", flush=True)
        checkpoint = self._costs("checkpoint")[0]
        loaded = round(cpu_seconds(self.server.pid) - whole, 2)
        vacuum = self._costs("vacuum analyze")[0]
        copy = round(sum(t["copy_cpu_s"] for t in tables.values()), 2)
        index = round(sum(t["index_cpu_s"] for t in tables.values()), 2)
        return {
            "rows": sum(t["rows"] for t in tables.values()), "copy_cpu_s": copy, "index_cpu_s": index,
            "copy_and_index_cpu_s": round(copy + index, 2), "checkpoint_cpu_s": checkpoint, "vacuum_analyze_cpu_s": vacuum,
            "whole_load_cpu_s": loaded, "wall_s": round(sum(t["wall_s"] for t in tables.values()), 2),
            "database_mb": int(self.psql("select pg_database_size('bench')")) >> 20, "directory_mb": size_mb(self.data),
            "memory_mb": memory_mb(self.server.pid), "tables": tables}

    def look_up(self, pgrest, connections, seconds, short=False):
        """By key through the thin layer, everything in cache."""
        self.psql("create extension if not exists pg_prewarm; select sum(pg_prewarm(c.oid)) from pg_class c "
                  "where relnamespace = 'public'::regnamespace and relkind in ('r', 'i')")
        layer = Server([pgrest, self.socket, str(PORT), REST], f"{self.root}.pgrest.log")
        try:
            paths = [f"/persons/{number}" for number in lines(self.rows, "persons.txt")]
            base = f"http://{REST}"

            def answers():
                try:
                    return ask(base, paths[0])[0] == 200
                except OSError:
                    return False
            layer.wait_for(answers)
            pids = (self.server.pid, layer.pid)
            measure(base, paths, connections[0], 2, pids)
            measured = {str(c): measure(base, paths, c, seconds, pids) for c in connections}
            memory = measured[str(connections[-1])]["memory_mb"]
            answer = {"example": ask(base, paths[0])[1].decode(), "by_connections": measured, "memory_mb": memory,
                      "index_mb": self.index_mb(), "others": {}}
            if short:
                return answer
            asked = questions(self.rows)
            for name, (_, _, _, _, theirs, _) in asked.items():
                if "ranked" not in name:
                    answer["others"][name] = measure(base, theirs, 8, seconds, pids)
            # Best order by words that PostgreSQL can be given; it stands apart, its cost is not in the import.
            self.psql("create extension if not exists rum; create index work_rum on work using rum (words rum_tsvector_ops); "
                      "create index place_rum on place using rum (words rum_tsvector_ops); analyze work; analyze place")
            for name, (_, _, _, _, theirs, _) in asked.items():
                if "ranked" in name:
                    answer["others"][name] = measure(base, theirs, 8, seconds, pids)
            return answer
        finally:
            layer.stop()

    def index_mb(self):
        """Every index, MB; keys apart, because natbase finds by key in its store."""
        sizes = self.psql("select i.indisprimary, sum(pg_relation_size(i.indexrelid)) from pg_index i join pg_class c "
                          "on c.oid = i.indrelid where c.relnamespace = 'public'::regnamespace group by 1")
        found = dict(line.split("|") for line in sizes.splitlines())
        return {name: round(int(found.get(flag, 0)) / 1e6, 1) for name, flag in (("keys", "t"), ("others", "f"))}

    def stop(self):
        if self.server:
            self.server.stop(signal.SIGINT)

    def remove(self):
        shutil.rmtree(self.root, ignore_errors=True)
