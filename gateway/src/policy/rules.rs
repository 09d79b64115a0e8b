//! The Cedar policies: read, validated against the schema, asked.

mod needs;
mod slice;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use cedar_policy::{
    Authorizer, Context, Decision as CedarDecision, Entities, Entity, EntityUid, PolicyId, PolicySet, Request, Schema,
    ValidationMode, Validator,
};

use slice::Slices;
pub(super) use slice::{About, Layer};

use super::subject::uid;

/// The built-in policies by file name.
const BUILT_IN: &[(&str, &str)] = &[
    ("10-public.cedar", include_str!("../../policies/10-public.cedar")),
    ("20-departments.cedar", include_str!("../../policies/20-departments.cedar")),
    ("30-owners.cedar", include_str!("../../policies/30-owners.cedar")),
    ("40-people.cedar", include_str!("../../policies/40-people.cedar")),
    ("45-citizen.cedar", include_str!("../../policies/45-citizen.cedar")),
    ("46-companies.cedar", include_str!("../../policies/46-companies.cedar")),
    ("50-oversight.cedar", include_str!("../../policies/50-oversight.cedar")),
    ("60-counts.cedar", include_str!("../../policies/60-counts.cedar")),
    ("70-sharing.cedar", include_str!("../../policies/70-sharing.cedar")),
    ("75-exports.cedar", include_str!("../../policies/75-exports.cedar")),
    ("80-evaluation.cedar", include_str!("../../policies/80-evaluation.cedar")),
    ("80-accounts.cedar", include_str!("../../policies/80-accounts.cedar")),
    ("80-catalogue.cedar", include_str!("../../policies/80-catalogue.cedar")),
];
const SCHEMA: &str = include_str!("../../policies/schema.cedarschema");

/// Policies that cannot be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum RulesError {
    /// A file or directory cannot be read.
    #[error("{}: cannot be read", file.display())]
    Unreadable { file: PathBuf, source: std::io::Error },
    /// A policy is broken; the line is the one on which it begins.
    #[error("{file}, line {line}: {reason}")]
    Broken { file: String, line: usize, reason: String },
}

/// What the policies say, and which of them said it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Permitted.
    pub permitted: bool,
    /// Ids of the policies that decided; empty = nothing permits it.
    pub policies: Vec<String>,
}

impl Verdict {
    /// A question that could not be put is denied.
    pub(super) fn not_asked() -> Self {
        Self { permitted: false, policies: vec!["question-does-not-fit".into()] }
    }

    /// What two sets of policies say together: forbid wins, then permit; what cannot be evaluated denies.
    pub(super) fn and(&self, other: &Self) -> Self {
        let both = [self, other];
        if let Some(broken) = both.iter().find(|verdict| !verdict.permitted && verdict.policies == [NOT_EVALUATED]) {
            return Verdict::clone(broken);
        }
        let forbids = both.iter().any(|verdict| !verdict.permitted && !verdict.policies.is_empty());
        let speak = both.iter().filter(|verdict| verdict.permitted != forbids);
        let mut policies: Vec<String> = speak.flat_map(|verdict| verdict.policies.iter().cloned()).collect();
        policies.sort_unstable();
        Self { permitted: !forbids && (self.permitted || other.permitted), policies }
    }
}

/// In place of a policy that could not be evaluated.
const NOT_EVALUATED: &str = "policy-not-evaluated";

/// The policy set. Cost of a question: linear in the number of policies that can have a say in it, not of all.
pub struct Rules {
    set: PolicySet,
    slices: Slices,
    schema: Schema,
    actions: Vec<Entity>,
    authorizer: Authorizer,
    digest: [u8; 32],
}

impl Rules {
    /// The built-in policies.
    ///
    /// # Errors
    /// [`RulesError`] if one is broken (a test keeps that from happening).
    pub fn built_in() -> Result<Self, RulesError> {
        Self::compile(BUILT_IN.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect())
    }

    /// The policies of a directory, in the order of file names.
    ///
    /// # Errors
    /// [`RulesError`] with file, line and reason.
    pub fn read(directory: &Path) -> Result<Self, RulesError> {
        let unreadable = |file: &Path| {
            let file = file.to_owned();
            move |source| RulesError::Unreadable { file, source }
        };
        let mut files: Vec<PathBuf> = std::fs::read_dir(directory)
            .map_err(unreadable(directory))?
            .filter_map(|entry| entry.ok().map(|e| e.path()))
            .filter(|path| path.extension().is_some_and(|e| e == "cedar"))
            .collect();
        files.sort();
        let mut texts = Vec::new();
        for file in files {
            let text = std::fs::read_to_string(&file).map_err(unreadable(&file))?;
            texts.push((file.display().to_string(), text));
        }
        Self::compile(texts)
    }

    pub(super) fn compile(files: Vec<(String, String)>) -> Result<Self, RulesError> {
        let broken_schema = |e: &dyn std::fmt::Display| RulesError::Broken {
            file: "schema.cedarschema".into(),
            line: 1,
            reason: e.to_string(),
        };
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA).map_err(|e| broken_schema(&e))?;
        let mut digest = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        let mut set = PolicySet::new();
        for (file, text) in files {
            digest.update(text.as_bytes());
            for (line, chunk) in statements(&text) {
                let broken = |reason: String| RulesError::Broken { file: file.clone(), line, reason };
                let parsed = PolicySet::from_str(chunk).map_err(|e| broken(e.to_string()))?;
                for policy in parsed.policies() {
                    let id = policy.annotation("id").ok_or_else(|| broken("the policy has no @id".into()))?;
                    policy.annotation("law").ok_or_else(|| broken(format!("policy `{id}` has no @law")))?;
                    let named = policy.new_id(PolicyId::new(id));
                    let mut alone = PolicySet::new();
                    alone.add(named.clone()).map_err(|e| broken(e.to_string()))?;
                    let checked = Validator::new(schema.clone()).validate(&alone, ValidationMode::default());
                    if let Some(error) = checked.validation_errors().next() {
                        return Err(broken(error.to_string()));
                    }
                    set.add(named).map_err(|e| broken(e.to_string()))?;
                }
            }
        }
        let mut sum = [0_u8; 32];
        sum.copy_from_slice(digest.finish().as_ref());
        let actions: Vec<Entity> = schema.action_entities().map_err(|e| broken_schema(&e))?.iter().cloned().collect();
        let slices = Slices::new(&set, &actions);
        Ok(Self { set, slices, schema, actions, authorizer: Authorizer::new(), digest: sum })
    }

    /// Digest of the policies' texts.
    #[must_use]
    pub fn digest(&self) -> &[u8] {
        &self.digest
    }

    /// The schema.
    #[cfg(test)]
    pub(super) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The actions and their groups.
    #[cfg(test)]
    pub(super) fn actions(&self) -> &[Entity] {
        &self.actions
    }

    /// The action called `name`, with the groups it is in.
    pub(super) fn action(&self, name: &str) -> Option<&Entity> {
        self.actions.iter().find(|action| action.uid().id().unescaped() == name)
    }

    /// Whether there are no policies for this department alone and this action.
    pub(super) fn silent(&self, department: &str, action: &str) -> bool {
        self.slices.silent(department, action)
    }

    /// `department` as far as the common policies can tell it from others; `sources` are those that a dataset comes from.
    pub(super) fn told<'a>(&self, department: &'a str, sources: impl IntoIterator<Item = &'a str>) -> &'a str {
        self.slices.told(department, sources)
    }

    /// Every policy's text by its id.
    #[must_use]
    pub fn texts(&self) -> BTreeMap<String, String> {
        self.set.policies().map(|policy| (policy.id().to_string(), policy.to_string())).collect()
    }

    /// The article that a policy carries out; empty for one that is not there.
    #[must_use]
    pub fn law(&self, policy: &str) -> &str {
        self.set.policy(&PolicyId::new(policy)).and_then(|p| p.annotation("law")).unwrap_or_default()
    }

    /// How many policies there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.set.policies().count()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    /// Asks the policies of `layer` that can have a say. What cannot be evaluated is denied.
    pub(super) fn decide(
        &self,
        layer: Layer,
        about: About<'_>,
        principal: EntityUid,
        resource: EntityUid,
        context: Context,
        entities: &Entities,
    ) -> Verdict {
        let Some(action) = uid("Action", about.action) else { return Verdict::not_asked() };
        let request = match Request::new(principal, action, resource, context, Some(&self.schema)) {
            Ok(request) => request,
            Err(error) => {
                tracing::error!(%error, "a policy question does not fit the schema");
                return Verdict::not_asked();
            }
        };
        self.answer(&request, &self.slices.of(layer, about), entities)
    }

    /// Asks every policy: what [`Self::decide`] must say too.
    #[cfg(test)]
    pub(super) fn decide_by_all(&self, request: &Request, entities: &Entities) -> Verdict {
        self.answer(request, &self.set, entities)
    }

    fn answer(&self, request: &Request, set: &PolicySet, entities: &Entities) -> Verdict {
        let response = self.authorizer.is_authorized(request, set, entities);
        let mut policies: Vec<String> = response.diagnostics().reason().map(ToString::to_string).collect();
        policies.sort_unstable();
        if let Some(error) = response.diagnostics().errors().next() {
            tracing::error!(%error, "a policy could not be evaluated");
            return Verdict { permitted: false, policies: vec![NOT_EVALUATED.into()] };
        }
        Verdict { permitted: response.decision() == CedarDecision::Allow, policies }
    }
}

/// The file's statements with the line each begins on; a statement ends with `;` at the end of a line.
fn statements(text: &str) -> Vec<(usize, &str)> {
    let mut out = Vec::new();
    let (mut start, mut line, mut from) = (0, 1, 1);
    for (at, c) in text.char_indices() {
        match c {
            '\n' => line += 1,
            ';' if text.get(at + 1..).is_none_or(|rest| rest.is_empty() || rest.starts_with(['\n', '\r'])) => {
                if let Some(chunk) = text.get(start..=at) {
                    let lead = chunk.len() - chunk.trim_start().len();
                    let skipped = chunk.get(..lead).map_or(0, |s| s.matches('\n').count());
                    out.push((from + skipped, chunk));
                }
                start = at + 1;
                from = line;
            }
            _ => {}
        }
    }
    if let Some(rest) = text.get(start..).filter(|r| !r.trim().is_empty()) {
        let lead = rest.len() - rest.trim_start().len();
        let skipped = rest.get(..lead).map_or(0, |s| s.matches('\n').count());
        out.push((from + skipped, rest));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_policies_hold_the_schema() {
        let rules = Rules::built_in().map_err(|e| e.to_string()).expect("sound policies");
        assert!(rules.len() > 15);
    }

    #[test]
    fn a_broken_policy_names_its_file_and_line() {
        let dir = tempfile::tempdir().expect("a directory");
        std::fs::write(
            dir.path().join("10-x.cedar"),
            "// a comment\n\n@id(\"a\") @law(\"b\")\npermit (principal, action, resource);\n\n@id(\"c\") @law(\"d\")\npermit (principal, action, resource) when { resource.colour == 1 };\n",
        )
        .expect("written");
        let message = Rules::read(dir.path()).map(|_| ()).expect_err("broken").to_string();
        assert!(message.contains("10-x.cedar, line 6"), "{message}");
    }
}
