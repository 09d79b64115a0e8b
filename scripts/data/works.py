"""Rows of culture/works out of chinese-poetry 2.0.1 (MIT; texts in the public domain)."""

import json
import re

from packages import member, members

SONG_EDITION = re.compile(r"dist/songci/ci\.song\.\d+\.json")


def work(number, title, author, dynasty, genre, lines, collection, section=None, tune=None, notes=None):
    """One row."""
    lines = [line for line in lines if line]
    return {
        "work_id": number, "title": title or tune or (lines[0] if lines else "无题"), "author": author or None,
        "dynasty": dynasty, "genre": genre, "tune": tune, "lines": lines, "first_line": lines[0][:200] if lines else None,
        "collection": collection, "section": section, "notes": notes,
    }


def load(name):
    """One JSON file of the package."""
    return json.loads(member("chinese-poetry", name))


def book_of_songs():
    """诗经."""
    for i, poem in enumerate(load("dist/shijing/shijing.json"), 1):
        section = "·".join(filter(None, (poem["chapter"], poem["section"])))
        yield work(f"shijing-{i}", poem["title"], None, "zhou", "shijing", poem["content"], "诗经", section)


def chuci():
    """楚辞."""
    for i, poem in enumerate(load("dist/chuci/chuci.json"), 1):
        yield work(f"chuci-{i}", poem["title"], poem["author"], "pre-qin", "sao", poem["content"], "楚辞", poem["section"])


def tang_three_hundred():
    """唐诗三百首, in traditional characters, with the numbers of 全唐诗."""
    seen = set()
    for i, poem in enumerate(load("dist/quantangshi/唐诗三百首.json"), 1):
        number = poem.get("id") or f"t300-{i}"
        if number not in seen:
            seen.add(number)
            yield work(f"tang-{number}", poem["title"], poem["author"], "tang", "shi", poem["paragraphs"], "全唐诗", "唐诗三百首")


def song_three_hundred():
    """宋词三百首."""
    for i, poem in enumerate(load("dist/songci/宋词三百首.json"), 1):
        yield work(f"songci300-{i}", poem["rhythmic"], poem["author"], "song", "ci", poem["paragraphs"], "全宋词", "宋词三百首", poem["rhythmic"])


def shi(dynasty, collection):
    """全唐诗 or 全宋诗."""
    pattern = re.compile(rf"dist/quantangshi/poet\.{dynasty}\.\d+\.json")
    selected = {w["work_id"] for w in tang_three_hundred()} if dynasty == "tang" else set()
    seen = set(selected)
    for _, data in members("chinese-poetry", lambda name: bool(pattern.fullmatch(name))):
        for poem in json.loads(data):
            number = f"{dynasty}-{poem['id']}"
            if number not in seen:
                seen.add(number)
                yield work(number, poem["title"], poem["author"], dynasty, "shi", poem["paragraphs"], collection)


def yuding():
    """御定全唐诗: another edition of the poems of 全唐诗, kept beside it."""
    pattern = re.compile(r"dist/yudingquantangshi/json/(\d+)\.json")
    for name, data in members("chinese-poetry", lambda name: bool(pattern.fullmatch(name))):
        volume = pattern.fullmatch(name).group(1)
        for i, poem in enumerate(json.loads(data), 1):
            yield work(f"yuding-{volume}-{i}", poem["title"], poem["author"], "tang", "shi", poem["paragraphs"], "御定全唐诗", poem.get("volume"))


def authors():
    """Authors of Tang and Song poems and of Song lyrics, with what their collections tell of them. One name in one collection is one
    author, as the collections themselves have it."""
    lists = (("tang", "dist/quantangshi/authors.tang.json", "tang"), ("song", "dist/quantangshi/authors.song.json", "song"),
             ("songci", "dist/songci/author.song.json", "song"))
    for prefix, name, dynasty in lists:
        seen = set()
        for author in load(name):
            if author["name"] in seen:
                continue
            seen.add(author["name"])
            about = (author.get("desc") or author.get("description") or "").strip()
            yield {"author_id": f"{prefix}-{author['name']}"[:80], "name": author["name"][:100], "dynasty": dynasty,
                   "description": "" if about in ("--", "") else about[:8000]}


def ci():
    """全宋词."""
    for name, data in members("chinese-poetry", lambda name: bool(SONG_EDITION.fullmatch(name))):
        first = int(name.split(".")[-2])
        for i, poem in enumerate(json.loads(data)):
            yield work(f"songci-{first + i}", poem["rhythmic"], poem["author"], "song", "ci", poem["paragraphs"], "全宋词", None, poem["rhythmic"])


def qu():
    """元曲."""
    for i, poem in enumerate(load("dist/yuanqu/yuanqu.json"), 1):
        yield work(f"yuanqu-{i}", poem["title"], poem["author"], "yuan", "qu", poem["paragraphs"], "元曲")


def others():
    """花间集, 南唐, 曹操, 纳兰性德."""
    found = members("chinese-poetry", lambda name: re.fullmatch(r"dist/wudaishici/huajianji/huajianji-\w+-juan\.json", name))
    for name, data in found:
        volume = name.split("-")[-2]
        for i, poem in enumerate(json.loads(data), 1):
            yield work(f"huajianji-{volume}-{i}", poem["title"], poem["author"], "five-dynasties", "ci", poem["paragraphs"], "花间集", None, poem["rhythmic"])
    for i, poem in enumerate(load("dist/wudaishici/nantang/poetrys.json"), 1):
        yield work(f"nantang-{i}", poem.get("title") or poem["rhythmic"], poem["author"], "five-dynasties", "ci", poem["paragraphs"], "南唐二主词", None, poem["rhythmic"])
    for i, poem in enumerate(load("dist/caocaoshiji/caocao.json"), 1):
        yield work(f"caocao-{i}", poem["title"], "曹操", "han", "shi", poem["paragraphs"], "曹操诗集")
    for i, poem in enumerate(load("dist/nalanxingde/纳兰性德诗集.json"), 1):
        yield work(f"nalan-{i}", poem["title"], "纳兰性德", "qing", "ci", poem["para"], "纳兰词")
