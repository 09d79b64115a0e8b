//! Policies and grants as files: what lies on disk, what it is called by, what it says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use aws_lc_rs::digest::{Context, SHA256};
use foundation::dataset::{Dataset, DatasetName};
use serde::{Deserialize, Serialize};

use super::{Grants, GrantsError, Rules, RulesError};

/// Where policies and grants lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Directory of `*.cedar`; none = the program's own policies.
    pub directory: Option<PathBuf>,
    /// The file of grants.
    pub grants: PathBuf,
}

/// When which of the files was last written, and how long it is: what is the same is not read again.
pub type Stamp = Vec<(PathBuf, Option<SystemTime>, u64)>;

/// Policies and grants, whole and in memory: what is judged is what comes into force, whatever becomes of the disk meanwhile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Files {
    /// Texts of policies by file name; none = the program's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policies: Option<BTreeMap<String, String>>,
    /// Text of the file of grants, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grants: Option<String>,
}

impl Places {
    /// The files as they would be told apart without reading them; sorted.
    #[must_use]
    pub fn stamp(&self) -> Stamp {
        let mut all = vec![self.grants.clone()];
        if let Some(directory) = &self.directory {
            all.push(directory.clone());
            all.extend(policies_in(directory).unwrap_or_default());
        }
        let told = |path: PathBuf| {
            let meta = std::fs::metadata(&path).ok();
            (path, meta.as_ref().and_then(|meta| meta.modified().ok()), meta.map_or(0, |meta| meta.len()))
        };
        all.into_iter().map(told).collect()
    }

    /// Reads them.
    ///
    /// # Errors
    /// [`RulesError::Unreadable`] with the file.
    pub fn read(&self) -> Result<Files, RulesError> {
        let text = |file: &Path| {
            std::fs::read_to_string(file).map_err(|source| RulesError::Unreadable { file: file.to_owned(), source })
        };
        let policies = match &self.directory {
            None => None,
            Some(directory) => {
                let listed = policies_in(directory);
                let listed = listed.map_err(|source| RulesError::Unreadable { file: directory.clone(), source })?;
                let name = |file: &Path| file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                Some(listed.iter().map(|file| Ok((name(file), text(file)?))).collect::<Result<_, RulesError>>()?)
            }
        };
        let grants = if self.grants.exists() { Some(text(&self.grants)?) } else { None };
        Ok(Files { policies, grants })
    }
}

/// The policies of a directory, in the order of their names.
fn policies_in(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for item in std::fs::read_dir(directory)? {
        let path = item?.path();
        if path.extension().is_some_and(|ending| ending == "cedar") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

impl Files {
    /// SHA-256 over names and contents, in the order of the names, hexadecimal. The program's own policies count as what they
    /// are called, not as what they say: they come with the program and are trusted as it is.
    ///
    /// Form: for each file the length of its name (u64, big endian), the name, the length of its text, the text. Names are
    /// `grants.toml`, `policies/NAME` and, without policies of one's own, `policies` with an empty text.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut sum = Context::new(&SHA256);
        let mut one = |name: &str, text: &str| {
            for part in [name, text] {
                sum.update(&(part.len() as u64).to_be_bytes());
                sum.update(part.as_bytes());
            }
        };
        if let Some(text) = &self.grants {
            one("grants.toml", text);
        }
        match &self.policies {
            None => one("policies", ""),
            Some(all) => all.iter().for_each(|(name, text)| one(&format!("policies/{name}"), text)),
        }
        crate::http::hex(sum.finish().as_ref())
    }

    /// The policies, checked.
    ///
    /// # Errors
    /// [`RulesError`] with file, line and reason.
    pub fn rules(&self) -> Result<Rules, RulesError> {
        match &self.policies {
            None => Rules::built_in(),
            Some(all) => Rules::compile(all.iter().map(|(name, text)| (name.clone(), text.clone())).collect()),
        }
    }

    /// The grants, checked against the datasets there are.
    ///
    /// # Errors
    /// [`GrantsError`] with file, line and reason.
    pub fn grants<'a>(
        &self,
        file: &Path,
        dataset: impl Fn(&DatasetName) -> Option<&'a Dataset>,
    ) -> Result<Grants, GrantsError> {
        self.grants.as_ref().map_or_else(|| Ok(Grants::none()), |text| Grants::of_text(text, file, dataset))
    }

    /// What is another in `after`, a line each: files, then policies by id, then whether the grants are.
    #[must_use]
    pub fn changes(&self, after: &Self) -> Vec<String> {
        let mut out = Vec::new();
        match (&self.policies, &after.policies) {
            (None, None) => {}
            (None, Some(_)) => out.push("policies of one's own take the place of the program's".to_owned()),
            (Some(_), None) => out.push("the program's own policies take the place of these".to_owned()),
            (Some(before), Some(after)) => told_apart(before, after, "file", &mut out),
        }
        let ids = |files: &Self| files.rules().map(|rules| rules.texts()).unwrap_or_default();
        told_apart(&ids(self), &ids(after), "policy", &mut out);
        match (&self.grants, &after.grants) {
            (before, after) if before == after => {}
            (None, _) => out.push("grants: new".to_owned()),
            (_, None) => out.push("grants: gone".to_owned()),
            _ => out.push("grants: changed".to_owned()),
        }
        out
    }
}

fn told_apart(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>, what: &str, out: &mut Vec<String>) {
    for (name, text) in after {
        match before.get(name) {
            None => out.push(format!("{what} {name}: new")),
            Some(old) if old != text => out.push(format!("{what} {name}: changed")),
            Some(_) => {}
        }
    }
    out.extend(before.keys().filter(|name| !after.contains_key(*name)).map(|name| format!("{what} {name}: gone")));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(policies: &[(&str, &str)], grants: Option<&str>) -> Files {
        let policies = policies.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Files { policies: Some(policies), grants: grants.map(str::to_owned) }
    }

    #[test]
    fn every_name_and_every_byte_has_a_say_in_the_digest() {
        let all = [
            Files::default(),
            Files { grants: Some(String::new()), ..Files::default() },
            files(&[], None),
            files(&[("a.cedar", "bc")], None),
            files(&[("a.cedarb", "c")], None),
            files(&[("a.cedar", "b"), ("c.cedar", "")], None),
            files(&[("a.cedar", ""), ("b.cedar", "bc")], None),
            files(&[("a.cedar", "bc")], Some("")),
            files(&[("a.cedar", "bc")], Some("x")),
        ];
        let digests: std::collections::BTreeSet<String> = all.iter().map(Files::digest).collect();
        assert_eq!(digests.len(), all.len());
        assert_eq!(files(&[("b", "1"), ("a", "2")], None).digest(), files(&[("a", "2"), ("b", "1")], None).digest());
    }

    #[test]
    fn what_changes_is_told_file_by_file_and_policy_by_policy() {
        let policy = |id: &str, act: &str| {
            format!("@id(\"{id}\") @law(\"x\")\npermit (principal, action == Action::\"{act}\", resource);\n")
        };
        let before = files(&[("a.cedar", &policy("one", "get")), ("b.cedar", &policy("two", "get"))], None);
        let after = files(&[("a.cedar", &policy("one", "list")), ("c.cedar", &policy("two", "get"))], Some("x"));
        let told = before.changes(&after);
        let wanted =
            ["file a.cedar: changed", "file c.cedar: new", "file b.cedar: gone", "policy one: changed", "grants: new"];
        assert_eq!(told, wanted);
        assert_eq!(before.changes(&before), Vec::<String>::new());
    }
}
