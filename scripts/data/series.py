"""Rows of macroeconomy/indicators and observations: Penn World Table 9.1 and World Development Indicators (both CC BY 4.0).

Penn World Table is the table `pwt9.1` of the Debian package r-cran-pwt9, or a CSV of it: `--with pwt91.csv.xz`. World Development
Indicators are not to be had from a registry, so the file is given: `--with …indicators.tgz` (GitHub datasets/world-development-indicators).
"""

import csv
import decimal
import io
import json
import lzma
import tarfile

import rdata
from country_list import countries
from packages import debian

PWT_VINTAGE, WDI_VINTAGE = "2019-04-15", "2026-07-01"
MILLION = "百万美元（2011年价）"
#: Columns of PWT 9.1: Chinese name, English name, unit, field. Definitions after the PWT 9.1 user guide.
PWT = {
    "rgdpe": ("支出法实际GDP（购买力平价）", "Expenditure-side real GDP at chained PPPs", MILLION, "national-accounts"),
    "rgdpo": ("产出法实际GDP（购买力平价）", "Output-side real GDP at chained PPPs", MILLION, "national-accounts"),
    "pop": ("人口", "Population", "百万人", "population"),
    "emp": ("就业人数", "Number of persons engaged", "百万人", "population"),
    "avh": ("人均年工作小时", "Average annual hours worked by persons engaged", "小时", "population"),
    "hc": ("人力资本指数", "Human capital index", "指数", "population"),
    "ccon": ("居民与政府实际消费", "Real consumption of households and government", MILLION, "national-accounts"),
    "cda": ("国内实际吸收", "Real domestic absorption", MILLION, "national-accounts"),
    "cgdpe": ("支出法实际GDP（当年购买力平价）", "Expenditure-side real GDP at current PPPs", MILLION, "national-accounts"),
    "cgdpo": ("产出法实际GDP（当年购买力平价）", "Output-side real GDP at current PPPs", MILLION, "national-accounts"),
    "cn": ("资本存量（当年购买力平价）", "Capital stock at current PPPs", MILLION, "investment"),
    "rgdpna": ("实际GDP（国民账户不变价）", "Real GDP at constant 2011 national prices", MILLION, "national-accounts"),
    "rconna": ("实际消费（国民账户不变价）", "Real consumption at constant 2011 national prices", MILLION, "national-accounts"),
    "rnna": ("资本存量（国民账户不变价）", "Capital stock at constant 2011 national prices", MILLION, "investment"),
    "rtfpna": ("全要素生产率（2011=1）", "Total factor productivity at constant national prices", "2011=1", "national-accounts"),
    "labsh": ("劳动报酬占GDP比重", "Share of labour compensation in GDP", "比例", "national-accounts"),
    "irr": ("实际内部收益率", "Real internal rate of return", "比例", "investment"),
    "delta": ("资本平均折旧率", "Average depreciation rate of the capital stock", "比例", "investment"),
    "xr": ("汇率", "Exchange rate, national currency per US dollar", "本币/美元", "finance"),
    "pl_con": ("消费价格水平", "Price level of consumption", "美国GDP(产出法)2011=1", "prices"),
    "pl_gdpo": ("产出法GDP价格水平", "Price level of output-side GDP", "美国GDP(产出法)2011=1", "prices"),
    "csh_c": ("居民消费占比", "Share of household consumption", "比例", "national-accounts"),
    "csh_i": ("资本形成占比", "Share of gross capital formation", "比例", "national-accounts"),
    "csh_g": ("政府消费占比", "Share of government consumption", "比例", "national-accounts"),
    "csh_x": ("货物出口占比", "Share of merchandise exports", "比例", "trade"),
    "csh_m": ("货物进口占比", "Share of merchandise imports", "比例", "trade"),
    "pl_x": ("出口价格水平", "Price level of exports", "美国GDP(产出法)2011=1", "prices"),
    "pl_m": ("进口价格水平", "Price level of imports", "美国GDP(产出法)2011=1", "prices"),
}
#: Chinese names of the best-known WDI series.
WDI_NAMES = {
    "NY.GDP.MKTP.CD": "国内生产总值（现价美元）", "NY.GDP.MKTP.KD.ZG": "国内生产总值增长率", "NY.GDP.PCAP.CD": "人均国内生产总值（现价美元）",
    "NY.GDP.MKTP.CN": "国内生产总值（现价本币）", "NY.GDP.DEFL.KD.ZG": "国内生产总值平减指数增长率", "FP.CPI.TOTL.ZG": "居民消费价格涨幅",
    "FP.CPI.TOTL": "居民消费价格指数", "SP.POP.TOTL": "总人口", "SP.POP.GROW": "人口增长率", "SP.URB.TOTL.IN.ZS": "城镇人口比重",
    "SP.DYN.LE00.IN": "出生时预期寿命", "SL.UEM.TOTL.ZS": "失业率", "NE.EXP.GNFS.ZS": "货物和服务出口占GDP比重",
    "NE.IMP.GNFS.ZS": "货物和服务进口占GDP比重", "TX.VAL.MRCH.CD.WT": "货物出口额", "TM.VAL.MRCH.CD.WT": "货物进口额",
    "BX.KLT.DINV.CD.WD": "外国直接投资净流入", "NV.IND.TOTL.ZS": "工业增加值占GDP比重", "NV.AGR.TOTL.ZS": "农业增加值占GDP比重",
    "NV.SRV.TOTL.ZS": "服务业增加值占GDP比重", "BN.CAB.XOKA.GD.ZS": "经常账户余额占GDP比重", "FM.LBL.BMNY.GD.ZS": "广义货币占GDP比重",
    "EG.USE.PCAP.KG.OE": "人均能源使用量", "SP.DYN.TFRT.IN": "总和生育率", "FI.RES.TOTL.CD": "外汇和黄金储备",
}
TOPICS = {
    "Economy & Growth": "national-accounts", "Financial Sector": "finance", "Trade": "trade", "Energy & Mining": "energy",
    "Environment": "energy", "Climate Change": "energy", "Social Protection & Labor": "population", "Health": "society",
    "Education": "society", "Public Sector": "finance", "External Debt": "finance", "Private Sector": "industry",
    "Agriculture & Rural Development": "industry", "Infrastructure": "industry", "Science & Technology": "industry",
}
COLUMNS = ["indicator", "region", "period", "vintage", "frequency", "value", "unit", "status", "region_name", "indicator_name"]
INDICATOR_COLUMNS = ["code", "name", "name_en", "domain", "unit", "frequency", "definition", "publisher", "notes", "dimensions"]


def figure(text):
    """A number as it is kept: at most 28 places after the point (a few exchange rates of the 1950s have 29)."""
    number = decimal.Decimal(text)
    places = -number.as_tuple().exponent
    return text if places <= 28 else f"{round(number, 28).normalize():f}"


def region_names():
    """Alpha-3 code to Chinese name."""
    return {code: name for code, (name, _, _, _) in countries().items()}


def pwt_indicators():
    """The indicators of PWT 9.1 that are loaded."""
    for column, (name, english, unit, domain) in PWT.items():
        yield {
            "code": f"PWT.{column.upper()}", "name": name, "name_en": english, "domain": domain, "unit": unit, "frequency": "A",
            "definition": f"Penn World Table 9.1, variable {column}: {english}.",
            "publisher": "Groningen Growth and Development Centre",
        }


def pwt_rows(path):
    """The table's rows, from its CSV (xz) or, if that is not there, from the Debian package."""
    if path.exists():
        with lzma.open(path, "rt", encoding="utf-8") as file:
            yield from csv.DictReader(file)
        return
    files = {name.rsplit(".", 1)[-1]: data for name, data in debian("r-cran-pwt9", ("data/Rdata.rdx", "data/Rdata.rdb")).items()}
    columns = rdata.frame(files["rdx"], files["rdb"], "pwt9.1")
    for values in zip(*columns.values()):
        yield {column: "" if value is None else f"{value:g}" if column == "year" else str(value) for column, value in zip(columns, values)}


def pwt_observations(path, regions=None, columns=None):
    """Observations of PWT 9.1."""
    names = region_names()
    for row in pwt_rows(path):
        region = row["isocode"]
        if regions and region not in regions:
            continue
        for column in columns or PWT:
            value = row[column]
            if value in ("NA", ""):
                continue
            yield {
                "indicator": f"PWT.{column.upper()}", "region": region, "period": row["year"], "vintage": PWT_VINTAGE,
                "frequency": "A", "value": figure(value), "unit": PWT[column][2], "status": "A",
                "region_name": names.get(region, row["country"]), "indicator_name": PWT[column][0],
            }


def wdi(path):
    """Pairs (description, data rows) of the indicators in the archive."""
    described = {}
    with tarfile.open(path) as archive:
        for entry in archive:
            name = entry.name.removeprefix("./")
            if name.endswith("datapackage.json"):
                described.setdefault(name.split("/")[0], {})["about"] = json.load(archive.extractfile(entry))
            elif name.endswith("data.csv"):
                described.setdefault(name.split("/")[0], {})["data"] = archive.extractfile(entry).read()
    for code, parts in sorted(described.items()):
        if "about" in parts and "data" in parts:
            yield code.upper(), parts["about"], csv.DictReader(io.StringIO(parts["data"].decode("utf-8-sig")))


def wdi_indicators(path, codes=None):
    """The indicators of the archive."""
    for code, about, _ in wdi(path):
        if codes and code not in codes:
            continue
        title = about["title"]
        unit = title[title.rfind("(") + 1 : -1] if title.endswith(")") else ""
        topic = (about.get("keywords") or [""])[0]
        yield {
            "code": code, "name": WDI_NAMES.get(code, title), "name_en": title, "domain": TOPICS.get(topic, "other"), "unit": unit[:100],
            "frequency": "A", "definition": (about.get("readme") or "").strip()[:8000], "publisher": "World Bank",
        }


def wdi_observations(path, regions=None, codes=None, since=0):
    """Observations of the archive; Kosovo's figures are left out of the list of countries and regions."""
    names = region_names()
    for code, about, rows in wdi(path):
        if codes and code not in codes:
            continue
        for row in rows:
            region = row["Country Code"]
            if region == "XKX" or (regions and region not in regions) or int(row["Year"]) < since:
                continue
            yield {
                "indicator": code, "region": region, "period": row["Year"], "vintage": WDI_VINTAGE, "frequency": "A",
                "value": figure(row["Value"]), "status": "A", "region_name": names.get(region, row["Country Name"]),
                "indicator_name": WDI_NAMES.get(code, about["title"])[:300],
            }
