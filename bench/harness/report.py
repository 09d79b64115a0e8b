"""The results: one JSON file with everything, one Markdown table for people."""

import json
import os

from .questions import questions


def _ratio(ours, theirs):
    return f"{ours / theirs:.2f}" if theirs else "–"


def _met(holds):
    return "yes" if holds else "**no**"


def _memory(line, memory, shared):
    line("server memory under look-ups, anonymous + mapped, MB", memory.get("resident"), shared.get("proportional"),
         "≤ 600 MB", _met(memory.get("resident", 0) <= 600))
    line("– of it anonymous, MB", memory.get("anonymous"), None, "", "")
    line("– of it mapped, MB", memory.get("mapped"), None, "", "")


def table(result):
    """The figures asked for, side by side. A side that did not run shows a dash."""
    ours, peer = result.get("natbase", {}), result.get("postgres", {})
    rows = []

    def line(what, mine, theirs, goal, met, unit="{:g}"):
        cells = [unit.format(v) if v is not None else "–" for v in (mine, theirs)]
        ratio = _ratio(mine, theirs) if mine is not None and theirs is not None else "–"
        rows.append(f"| {what} | {cells[0]} | {cells[1]} | {ratio} | {goal} | {met if mine is not None else '–'} |")

    looks = [side.get("look_up", {}).get("by_connections", {}) for side in (ours, peer)]
    for connections in sorted({*looks[0], *looks[1]}, key=int):
        mine, theirs = (side.get(connections, {}).get("cpu_us_a_request") for side in looks)
        both = mine is not None and theirs is not None
        line(f"look-up by id, {connections} connections, CPU µs a request", mine, theirs, "≤ PostgreSQL", _met(mine <= theirs) if both else "–")
    mine, theirs = ours.get("load", {}).get("cpu_s"), peer.get("load", {}).get("copy_and_index_cpu_s")
    both = mine is not None and theirs is not None
    line("import with all indexes, CPU s", mine, theirs, "≤ half", _met(mine <= theirs / 2) if both else "–")
    first = ours.get("first_load", {}).get("cpu_s")
    both = first is not None and theirs is not None
    line("first load by sorted files, with all indexes, CPU s", first, theirs, "≤ a third", _met(first <= theirs / 3) if both else "–")
    memory, shared = ours.get("look_up", {}).get("memory_mb", {}), peer.get("look_up", {}).get("memory_mb", {})
    if memory or shared:
        _memory(line, memory, shared)
    disk = ours.get("load", {}).get("directory_mb")
    line("data directory, MB", disk, peer.get("load", {}).get("directory_mb"), "≤ 1,200 MB", _met((disk or 0) <= 1200))
    return rows


def search_table(ours, peer, rows):
    """Searches at 8 connections, indexes, indexing."""
    mine, theirs = (side.get("look_up", {}).get("others", {}) for side in (ours, peer))
    text = ["| search, 8 connections | natbase CPU µs | PostgreSQL CPU µs | ratio | goal | met |", "|---|---|---|---|---|---|"]
    for name, (title, goal, holds, _, _, _) in questions(rows).items():
        own = name if name in mine else name.split(" ", 1)[0]
        a = mine.get(own, {}).get("cpu_us_a_request")
        b = theirs.get(name, {}).get("cpu_us_a_request")
        both = a is not None and b is not None
        met = _met(holds(a, b)) if holds and both else ("refused" if "refused" in mine.get(own, {}) else "–")
        cells = [f"{v:,.0f}" if v is not None else "–" for v in (a, b)]
        text.append(f"| {title} | {cells[0]} | {cells[1]} | {_ratio(a, b) if both else '–'} | {goal} | {met} |")
    text.append("")
    index, indexes = ours.get("look_up", {}).get("index", {}), peer.get("look_up", {}).get("index_mb", {})
    if index and indexes:
        terms = sum(index.get(kind, 0) for kind in ("term", "idx", "pos", "space"))
        text += [f"Terms, postings, positions and geometries (WKB included): {terms:,.0f} MB; PostgreSQL's indexes but for keys: "
                 f"{indexes['others']:,.0f} MB ({_ratio(terms, indexes['others'])}; goal ≤ 1). Beside them natbase keeps columns for "
                 f"order, facets and keys: {index.get('fast', 0):,.0f} MB.", ""]
    rebuild = ours.get("rebuild")
    if rebuild:
        text += [f"All indexes made anew: {rebuild['documents']:,} documents in {rebuild['wall_s']} s, "
                 f"{rebuild['documents_a_second']:,} a second on {{cores}} cores, reading the store and comparing digests included "
                 "(goal ≥ 60,000).", ""]
    return text


def markdown(result, folder):
    ours, peer, machine = result.get("natbase", {}), result.get("postgres", {}), result["machine"]
    text = [
        "# natbase beside PostgreSQL", "",
        f"Commit {result['commit']}, {result['when']}; seed {result['seed']}, scale {result['scale']:g}. "
        f"{machine['cores']} × {machine['cpu']}, {machine['memory_gb']} GB, {machine['system']}; "
        f"fdatasync {machine['fdatasync_ms']} ms; load before the run {machine['load_average']}. {peer.get('version', '')}",
        *([result["note"]] if result.get("note") else []), "",
        "| | natbase | PostgreSQL | ratio | goal | met |", "|---|---|---|---|---|---|", *table(result), "",
    ]
    tables = peer.get("load", {}).get("tables", {})
    datasets, firsts = (ours.get(way, {}).get("datasets", {}) for way in ("load", "first_load"))
    if datasets or tables:
        text += ["| rows | natbase CPU s | µs a row | by sorted files, CPU s | µs a row | PostgreSQL COPY + indexes CPU s | µs a row |",
                 "|---|---|---|---|---|---|---|"]
        for dataset, table_name in (("persons", "person"), ("enterprises", "enterprise"), ("places", "place"),
                                    ("observations", "observation"), ("works", "work")):
            mine, first, theirs = datasets.get(dataset, {}), firsts.get(dataset, {}), tables.get(table_name, {})
            rows = mine.get("rows") or theirs.get("rows") or 0
            cost = theirs.get("copy_cpu_s", 0) + theirs.get("index_cpu_s", 0) if theirs else None
            show = lambda v: f"{v:.1f} | {v * 1e6 / rows:.1f}" if v is not None and rows else "– | –"  # noqa: E731
            text.append(f"| {dataset} {rows:,} | {show(mine.get('cpu_s'))} | {show(first.get('cpu_s'))} | {show(cost)} |")
        text.append("")
    if ours.get("look_up") or peer.get("look_up"):
        text += [line.replace("{cores}", str(machine["cores"])) for line in search_table(ours, peer, folder)]
    for name, side in (("natbase", ours), ("PostgreSQL", peer)):
        for connections, m in side.get("look_up", {}).get("by_connections", {}).items():
            text.append(f"- {name}, {connections} connections: {m['requests_a_second']:,} requests a second, median {m['median_ms']} ms, "
                        f"p99 {m['p99_ms']} ms, {m['bytes_an_answer']} bytes an answer, machine's load {m['load_average']}.")
    text += ["", "CPU is user + system time of all server processes; wall-clock figures share the machine with the load generator. "
             "How it is measured: docs/benchmarks.md.", ""]
    return "\n".join(text)


def write(directory, name, result, rows):
    """Writes NAME.json and NAME.md; gives the Markdown."""
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, f"{name}.json"), "w", encoding="utf-8") as file:
        json.dump(result, file, ensure_ascii=False, indent=1)
        file.write("\n")
    text = markdown(result, rows)
    with open(os.path.join(directory, f"{name}.md"), "w", encoding="utf-8") as file:
        file.write(text)
    return text
