"""Rows of macroeconomy/indicators and observations: population by sex and age, UN World Population Prospects 2024 (CC BY 3.0 IGO),
every five years from 1950 to 2100, as packed in bokeh-sampledata 2026.1."""

import csv
import gzip
import io

from country_list import countries, features
from packages import member

INDICATOR, NAME = "UN.WPP.POP", "分性别年龄组人口"
VINTAGE, LAST_ESTIMATE = "2024-07-11", 2023
#: Areas that are not in the list of countries and regions.
LEFT_OUT = {"412"}
COLUMNS = ["indicator", "region", "period", "vintage", "value", "unit", "status", "sex", "age", "region_name", "indicator_name"]


def indicators():
    """The one indicator."""
    yield {
        "code": INDICATOR, "name": NAME, "name_en": "Population by sex and five-year age group, 1 July", "domain": "population",
        "unit": "人", "frequency": "A", "publisher": "United Nations", "dimensions": "age;sex",
        "definition": "World Population Prospects 2024: estimates to 2023, medium variant from 2024.",
    }


def age(group):
    """`0-4` as `Y0T4`, `100+` as `Y_GE100` (SDMX CL_AGE)."""
    if group.endswith("+"):
        return f"Y_GE{group[:-1]}"
    low, high = group.split("-")
    return f"Y{low}T{high}"


def regions():
    """M49 number to (alpha-3 code, Chinese name); areas without a code keep their number and English name."""
    names = countries()
    found = {}
    for code, feature in features().items():
        number = feature["properties"].get("iso_n3") or ""
        if code in names and number.isdigit():
            found[str(int(number))] = (code, names[code][0])
    return found


def observations():
    """All observations."""
    known = regions()
    data = gzip.decompress(member("bokeh-sampledata", "bokeh_sampledata/_data/population.csv.gz")).decode("utf-8")
    for row in csv.DictReader(io.StringIO(data)):
        number = row["LocID"]
        if number in LEFT_OUT:
            continue
        region, name = known.get(number, (number, row["Location"]))
        yield {
            "indicator": INDICATOR, "region": region, "period": row["Year"], "vintage": VINTAGE, "value": row["Value"], "unit": "人",
            "status": "A" if int(row["Year"]) <= LAST_ESTIMATE else "F", "sex": row["Sex"][0], "age": age(row["AgeGrp"]),
            "region_name": name[:100], "indicator_name": NAME,
        }
