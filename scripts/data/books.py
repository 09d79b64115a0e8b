"""Rows of culture/books: three catalogues of classical books out of bunduk-mcp 0.2.1 (CC BY-SA): the Chinese Text Project, the Kanseki
Repository, CBETA. The catalogues overlap; what they have in common is not joined here."""

from packages import rows

FOLDER = "bunduk_mcp/references"
CATALOGUES = {
    "ctext": ("textref-ctext-catalog.csv", "中国哲学书电子化计划"),
    "kanripo": ("textref-kanripo.csv", "漢籍リポジトリ"),
    "cbeta": ("textref-cbeta.csv", "中华电子佛典协会"),
}


def books():
    """All entries, catalogue by catalogue; an entry that a catalogue lists twice is given once."""
    for library, (file, name) in CATALOGUES.items():
        seen = set()
        for row in rows("bunduk-mcp", f"{FOLDER}/{file}"):
            row = {key.lower(): (value or "").strip() for key, value in row.items() if key}
            number = row["primary_id"]
            if not number or number in seen:
                continue
            seen.add(number)
            flag = lambda key: {"y": True, "n": False}.get(row.get(key))  # noqa: E731
            yield {
                "book_id": f"{library}:{number}"[:120], "title": (row["title"] or "无题")[:300], "author": row.get("author", "")[:200],
                "dynasty": row.get("dynasty", "")[:40], "edition": row.get("edition", "")[:200],
                "collection": row.get("collection", "")[:200], "library": name, "readable": flag("fulltext_read"), "images": flag("image"),
            }
