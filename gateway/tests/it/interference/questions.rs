//! Questions over every route that answers with data, drawn at random; values come from both worlds, hidden ones too.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::worlds::{Asker, Pair, number};

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    /// The route's id.
    pub(crate) route: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    pub(crate) body: String,
}

/// Where questions are drawn from.
pub(crate) struct Questions {
    state: u64,
    ids: Vec<(String, String)>,
    words: Vec<String>,
}

const DATASETS: [&str; 6] = [
    "population/persons",
    "legal-entity/beneficial-owners",
    "legal-entity/beneficial-owners",
    "legal-entity/enterprises",
    "culture/sites",
    "culture/relics",
];

/// Fields of each dataset, some of which an asker may not read, and one that is none.
fn fields(dataset: &str) -> &'static [&'static str] {
    match dataset {
        "population/persons" => &[
            "citizen_id",
            "name",
            "former_name",
            "sex",
            "ethnic_group",
            "birth_date",
            "domicile_division",
            "domicile_address",
            "life_status",
            "death_date",
            "colour",
        ],
        "legal-entity/beneficial-owners" => {
            &["credit_code", "document_number", "name", "person", "country", "basis", "percent", "since", "colour"]
        }
        "legal-entity/enterprises" => &[
            "credit_code",
            "name",
            "kind",
            "status",
            "legal_representative",
            "registered_capital",
            "established",
            "division",
            "location",
            "colour",
        ],
        "culture/sites" => &[
            "site_id",
            "name",
            "division",
            "sensitive",
            "location",
            "area",
            "protected_area",
            "control_zone",
            "colour",
        ],
        _ => &["name", "holder", "colour"],
    }
}

impl Questions {
    pub(crate) fn new(seed: u64, pair: &Pair) -> Self {
        let mut words = pair.words.clone();
        words.extend(["李", "王", "秘密", "古墓", "福州", "武侯大道", "USA", "CHN", "xyzzy"].map(str::to_owned));
        Self { state: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1, ids: pair.ids.clone(), words }
    }

    fn below(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state % bound as u64).expect("small")
    }

    fn of<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }

    fn word(&mut self) -> String {
        let at = self.below(self.words.len());
        self.words[at].clone()
    }

    fn id_of(&mut self, dataset: &str) -> String {
        let own: Vec<String> = self.ids.iter().filter(|(d, _)| d == dataset).map(|(_, id)| id.clone()).collect();
        if own.is_empty() || self.below(12) == 0 {
            return format!("{:032x}", self.below(1 << 30));
        }
        own[self.below(own.len())].clone()
    }

    /// A person's number: of 51, of 11 in the first world, in the second, or nobody's.
    fn person(&mut self) -> String {
        match self.below(4) {
            0 | 1 => {
                let n = self.below(40);
                number(&format!("51010219{:02}0615{:03}", 50 + n, 100 + n))
            }
            2 => {
                let (n, side) = (self.below(35), self.below(2));
                number(&format!("11010119{:02}0101{:03}", 40 + n, 300 + n + 100 * side))
            }
            _ => number(&format!("3101011970010{}{:03}", 1 + self.below(9), self.below(900) + 1)),
        }
    }

    /// A value that a field of this name may have somewhere.
    fn value(&mut self, field: &str) -> String {
        let quoted = |text: String| format!("'{}'", text.replace('\'', "''"));
        match field {
            "citizen_id" | "document_number" => quoted(self.person()),
            "birth_date" | "death_date" | "since" | "established" => {
                format!("DATE('{}-0{}-15')", 1940 + self.below(85), 1 + self.below(9))
            }
            "percent" => self.of(&["30", "31", "40", "60", "62", "50"]).to_owned(),
            "registered_capital" => self.of(&["100", "250", "400"]).to_owned(),
            "sex" | "life_status" | "basis" | "status" => quoted(self.of(&["1", "2", "4"]).to_owned()),
            "ethnic_group" => quoted(self.of(&["01", "11", "03"]).to_owned()),
            "country" => quoted(self.of(&["CHN", "USA", "FRA"]).to_owned()),
            "kind" => quoted(self.of(&["91", "92"]).to_owned()),
            "domicile_division" | "division" => quoted(self.of(&["510102", "110101", "350102"]).to_owned()),
            "credit_code" => quoted(self.of(&["91350100M000100Y43", "91440300MA5DLQQW0F"]).to_owned()),
            "sensitive" => self.of(&["true", "false"]).to_owned(),
            _ => quoted(self.word()),
        }
    }

    fn predicate(&mut self, dataset: &str) -> String {
        let field = self.of(fields(dataset));
        let value = self.value(field);
        if ["location", "area", "protected_area", "control_zone"].contains(&field) {
            let (lon, off) = (100 + self.below(12), self.below(10));
            return format!(
                "S_INTERSECTS({field}, POLYGON(({lon} 30, {lon}.00{off}5 30, {lon}.00{off}5 30.0055, {lon} 30)))"
            );
        }
        match self.below(7) {
            0 => format!("{field} > {value}"),
            1 => format!("{field} < {value}"),
            2 => format!("{field} IS NULL"),
            3 => format!("{field} LIKE {}%'", value.trim_end_matches('\'')),
            4 => format!("{field} IN ({value}, {})", self.value(field)),
            5 => format!("NOT ({field} = {value})"),
            _ => format!("{field} = {value}"),
        }
    }

    fn filter(&mut self, dataset: &str) -> String {
        let one = self.predicate(dataset);
        match self.below(4) {
            0 => format!("{one} AND {}", self.predicate(dataset)),
            1 => format!("{one} OR {}", self.predicate(dataset)),
            _ => one,
        }
    }

    fn bbox(&mut self) -> String {
        let (lon, off) = (99 + self.below(14), self.below(10));
        format!("{lon},29,{lon}.00{off}5,30.00{off}5")
    }

    /// Members of a search or list: each stands or not.
    fn members(&mut self, dataset: &str, route: &'static str) -> Map<String, Value> {
        let mut out = Map::new();
        let mut with = |name: &str, value: String| drop(out.insert(name.to_owned(), Value::String(value)));
        if self.below(2) == 0 {
            with("q", self.word());
        }
        if self.below(2) == 0 {
            with("filter", self.filter(dataset));
        }
        if self.below(5) == 0 {
            with("bbox", self.bbox());
        }
        if self.below(6) == 0 {
            with("near", format!("{},30,{}", 100 + self.below(12), [50, 500, 5_000_000][self.below(3)]));
            if self.below(2) == 0 {
                with("sort", "distance".to_owned());
            }
        } else if self.below(3) == 0 {
            let sign = self.of(&["", "-"]);
            with("sort", format!("{sign}{}", self.of(fields(dataset))));
        }
        if self.below(3) == 0 {
            with("facets", self.of(fields(dataset)).to_owned());
        }
        if self.below(4) == 0 {
            with("fields", format!("{},{}", self.of(fields(dataset)), self.of(fields(dataset))));
        }
        if self.below(3) == 0 {
            with("limit", (1 + self.below(12)).to_string());
        }
        if self.below(6) == 0 {
            with("valid_at", self.of(&["2019-01-01", "2026-01-01", "2030-01-01"]).to_owned());
        }
        if self.below(8) == 0 {
            with("known_at", self.of(&["2026-11-22", "2026-11-24"]).to_owned());
        }
        if route.starts_with("search") && self.below(4) > 0 {
            with("dataset", dataset.to_owned());
        }
        if self.below(40) == 0 {
            with("colour", "red".to_owned());
        }
        out
    }

    fn asked(route: &'static str, path: String) -> Question {
        Question { route, method: "GET", path, body: String::new() }
    }

    fn told(route: &'static str, path: String, body: &Value) -> Question {
        Question { route, method: "POST", path, body: body.to_string() }
    }

    /// The next question; `asker` only decides which dataset is asked about more often.
    pub(crate) fn next(&mut self, asker: Asker) -> Question {
        let dataset = match (asker, self.below(3)) {
            (Asker::OfPersons, 0 | 1) => "population/persons",
            (Asker::OfOwners, 0 | 1) => "legal-entity/beneficial-owners",
            _ => self.of(&DATASETS),
        };
        let base = format!("/api/v1/datasets/{dataset}");
        let id = self.id_of(dataset);
        let collection = dataset.replace('/', ":");
        let ogc = format!("/ogc/collections/{collection}");
        match self.below(36) {
            0 | 1 => Self::asked("search", format!("/api/v1/search{}", query(self.members(dataset, "search")))),
            2 | 3 => {
                Self::told("searchByPost", "/api/v1/search".into(), &Value::Object(self.members(dataset, "search")))
            }
            4 | 5 => Self::asked("list", format!("{base}/records{}", query(self.members(dataset, "list")))),
            6..=9 => {
                Self::told("query", format!("{base}/records:query"), &Value::Object(self.members(dataset, "query")))
            }
            10 => Self::asked("suggest", format!("/api/v1/suggest?q={}", escape(&self.word()))),
            11..=13 => {
                let keys: Vec<Value> = (0..1 + self.below(4)).map(|_| self.key(dataset)).collect();
                Self::told("lookup", format!("{base}/records:lookup"), &json!({ "keys": keys }))
            }
            14..=16 => Self::asked("record", format!("{base}/records/{id}")),
            17 => Self::asked("history", format!("{base}/records/{id}/history")),
            18 => Self::asked("claims", format!("{base}/records/{id}/claims")),
            19 => Self::asked("links", format!("{base}/records/{id}/links")),
            20 | 21 => {
                // Fields that can be counted by value, readable or not; sometimes any.
                let group = match (dataset, self.below(4)) {
                    ("population/persons", 1..) => self.of(&["sex", "ethnic_group", "life_status"]),
                    ("legal-entity/beneficial-owners", 1..) => self.of(&["basis", "basis", "country"]),
                    ("legal-entity/enterprises", 1..) => self.of(&["kind", "status", "division"]),
                    _ => self.of(fields(dataset)),
                };
                let measure = match self.below(5) {
                    0..=2 => "count".to_owned(),
                    3 => format!("sum({})", self.of(fields(dataset))),
                    _ => format!("max({})", self.of(fields(dataset))),
                };
                let filter = if self.below(2) == 0 {
                    String::new()
                } else {
                    format!("&filter={}", escape(&self.filter(dataset)))
                };
                Self::asked(
                    "statistics",
                    format!("{base}/statistics?group-by={group}&measure={}{filter}", escape(&measure)),
                )
            }
            22 if self.below(3) == 0 => {
                let mut body = json!({ "format": self.of(&["csv", "ndjson", "geojson"]), "purpose": "p" });
                if self.below(2) == 0 {
                    body["filter"] = Value::String(self.filter(dataset));
                }
                if self.below(2) == 0 {
                    body["fields"] =
                        Value::String(format!("{},{}", self.of(fields(dataset)), self.of(fields(dataset))));
                }
                Self::told("export", format!("{base}/records:export"), &body)
            }
            22 => Self::asked("changes", format!("{base}/changes?limit={}", 1 + self.below(60))),
            23 if self.below(2) == 0 => Self::asked("catalogueEntry", base),
            23 => {
                let act = self.of(&["get", "lookup", "search", "list", "statistics", "changes", "history", "verify"]);
                Self::asked("explain", format!("{base}/explanation?act={act}"))
            }
            24 if self.below(3) == 0 => {
                let n = self.below(40);
                let (name, born, division) = match self.below(4) {
                    0 => (format!("赵秘密{n}"), format!("19{}-01-01", 40 + n), "110101"),
                    1 => (format!("钱隐藏{n}"), format!("19{}-01-01", 40 + n), "110101"),
                    2 => (self.word(), format!("19{}-06-15", 50 + n), "510102"),
                    _ => (format!("李一{n}"), format!("19{}-06-15", 50 + n), "510102"),
                };
                let body = json!({"name": name, "birth_date": born, "division": division});
                Self::told("findPersons", "/api/v1/population/persons:search".into(), &body)
            }
            24 => {
                let item = match self.below(7) {
                    4 => json!({"number": self.person(), "name": self.word(), "age_at_least": self.below(90)}),
                    5 => json!({"number": self.person(), "name": self.word(), "alive": true}),
                    6 => {
                        let division = self.of(&["510000", "510102", "110101"]);
                        json!({"number": self.person(), "name": self.word(), "registered_in": division})
                    }
                    0 => json!({"number": self.person(), "name": self.word()}),
                    1 => json!({"number": self.person(), "birth_date": format!("19{}-06-15", 50 + self.below(40))}),
                    2 => json!({"number": self.person(), "name": self.word(), "life_status": self.of(&["1", "2"])}),
                    _ => {
                        json!({"number": self.person(), "name": format!("李一{}", self.below(40)), "sex": self.of(&["1", "2"])})
                    }
                };
                Self::told("verify", "/api/v1/population/verify".into(), &json!({ "items": [item] }))
            }
            25 => {
                let code = self.of(&["91350100M000100Y43", "91440300MA5DLQQW0F", "914403001922038216"]);
                let way = self.of(&["owners", "owned", "both"]);
                Self::asked("ownership", format!("/api/v1/legal-entity/{code}/ownership?direction={way}"))
            }
            26 | 27 => {
                let extra = match self.below(4) {
                    0 => format!("?bbox={}", self.bbox()),
                    1 => format!("?filter={}", escape(&self.filter(dataset))),
                    2 => format!("?sortby={}&limit=3", self.of(fields(dataset))),
                    _ => "?limit=5".to_owned(),
                };
                Self::asked("ogcItems", format!("{ogc}/items{extra}"))
            }
            28 => Self::asked("ogcItem", format!("{ogc}/items/{id}")),
            29 | 30 => self.tile(&ogc),
            31 => {
                let (route, tail) = [
                    ("ogcCollection", ""),
                    ("ogcQueryables", "/queryables"),
                    ("ogcTileSets", "/tiles"),
                    ("ogcTileSetWebMercator", "/tiles/WebMercatorQuad"),
                    ("ogcTileSetCgcs2000", "/tiles/CGCS2000Quad"),
                    ("ogcTileJson", "/tilejson"),
                ][self.below(6)];
                Self::asked(route, format!("{ogc}{tail}"))
            }
            32 => {
                let (route, path) = [
                    ("catalogue", "/api/v1/datasets"),
                    ("ogcLanding", "/ogc"),
                    ("ogcApi", "/ogc/api"),
                    ("ogcConformance", "/ogc/conformance"),
                    ("ogcCollections", "/ogc/collections"),
                    ("ogcGrids", "/ogc/tileMatrixSets"),
                    ("ogcGridWebMercator", "/ogc/tileMatrixSets/WebMercatorQuad"),
                    ("ogcGridCgcs2000", "/ogc/tileMatrixSets/CGCS2000Quad"),
                    ("ogcFunctions", "/ogc/functions"),
                    ("ogcCatalogue", "/ogc/collections/catalogue"),
                    ("ogcCatalogueQueryables", "/ogc/collections/catalogue/queryables"),
                    ("ogcRecords", "/ogc/collections/catalogue/items"),
                ][self.below(12)];
                Self::asked(route, path.to_owned())
            }
            33 => Self::asked("ogcRecord", format!("/ogc/collections/catalogue/items/{collection}")),
            34 => match self.below(6) {
                0 => Self::asked("divisionAt", "/api/v1/geospatial/divisions:at?lon=104&lat=30".into()),
                1 => Self::asked("divisionSuccessors", "/api/v1/geospatial/divisions:successors?code=110103".into()),
                2 => Self::asked("geocode", format!("/api/v1/geospatial/geocode?q={}", escape(&self.word()))),
                3 => {
                    let body = json!({ "items": [{ "text": self.word() }] });
                    Self::told("geocodeMany", "/api/v1/geospatial/geocode".into(), &body)
                }
                4 => Self::asked("series", "/api/v1/macroeconomy/series?indicator=X&region=CHN".into()),
                _ => Self::asked("codeList", format!("/api/v1/code-lists/{}", self.of(&["country", "none"]))),
            },
            _ => Self::asked("record", format!("{base}/records/{id}?fields={}&labels=zh", self.of(fields(dataset)))),
        }
    }

    fn key(&mut self, dataset: &str) -> Value {
        match dataset {
            "population/persons" => json!({ "citizen_id": self.person() }),
            "legal-entity/beneficial-owners" => json!({
                "credit_code": self.of(&["91350100M000100Y43", "91440300MA5DLQQW0F"]),
                "document_number": self.person(),
            }),
            "legal-entity/enterprises" => {
                json!({ "credit_code": self.of(&["91350100M000100Y43", "91440300MA5DLQQW0F"]) })
            }
            "culture/sites" => json!({ "site_id": format!("S{:03}", self.below(15)) }),
            _ => json!({ "name": self.word() }),
        }
    }

    fn tile(&mut self, ogc: &str) -> Question {
        // Over a site, from the whole world down to a cell.
        let level = [0_u32, 3, 8, 14, 17][self.below(5)];
        let (lon, lat) = (100.0 + self.below(12) as f64 + 0.003, 30.003_f64);
        let n = f64::from(1 << level);
        let column = ((lon + 180.0) / 360.0 * n).floor();
        let row = ((1.0 - lat.to_radians().tan().asinh() / std::f64::consts::PI) / 2.0 * n).floor();
        let (route, path) = [
            ("ogcTileWebMercator", format!("{ogc}/tiles/WebMercatorQuad/{level}/{row}/{column}")),
            ("ogcTileCgcs2000", format!("{ogc}/tiles/CGCS2000Quad/5/10/50")),
            ("ogcTileXyz", format!("{ogc}/xyz/{level}/{column}/{row}.pbf")),
        ][self.below(3)]
        .clone();
        Self::asked(route, path)
    }
}

fn escape(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn query(members: Map<String, Value>) -> String {
    let pairs: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{}={}", name.replace('_', "-"), escape(value.as_str().unwrap_or_default())))
        .collect();
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}
