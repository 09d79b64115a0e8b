//! Whether a file of records takes two people, and which approval it takes.

use foundation::service::Scope;

use crate::accounts::Measure;
use crate::ask::ExportRequest;
use crate::policy::Decision;

/// Whether everything that `scopes` give is the public's too: every field plain, and no row that it does not see.
///
/// `public` is what was decided for anybody at the same instant; `None` = nothing.
pub(crate) fn is_open(scopes: &[Scope], public: Option<&Decision>) -> bool {
    let Some(public) = public else { return false };
    let within = |scope: &Scope| {
        scope.masked.is_empty()
            && public.scopes.iter().any(|open| {
                let rows = open.rows.is_none() || open.rows == scope.rows;
                rows && scope.readable.iter().all(|number| open.readable.binary_search(number).is_ok())
            })
    };
    !scopes.is_empty() && scopes.iter().all(within)
}

/// The measure that two security administrators must have approved. Its content is that of the request: another filter,
/// field, purpose or department is another measure.
pub(crate) fn measure(request: &ExportRequest, dataset: &str, department: &str, purpose: &str) -> Measure {
    let mut fields = request.search.shown.fields.clone().unwrap_or_default();
    fields.sort();
    fields.dedup();
    Measure::ExportInBulk {
        dataset: dataset.to_owned(),
        department: department.to_owned(),
        fields,
        filter: request.search.filter.clone().unwrap_or_default(),
        purpose: purpose.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use foundation::filter::Filter;

    use super::*;
    use crate::policy::Sight;

    fn scope(readable: &[u16], masked: &[u16], rows: Option<Filter>) -> Scope {
        Scope { rows, readable: readable.to_vec(), masked: masked.to_vec() }
    }

    fn public(scopes: Vec<Scope>) -> Decision {
        let sight = Sight::SomeFields;
        Decision { scopes, sight, counts: true, ceilings: None, policies: [].into(), under_grant: false }
    }

    #[test]
    fn only_what_anybody_sees_is_open() {
        let released = || Some(Filter::IsNull { field: 9 });
        let open = public(vec![scope(&[1, 2, 3], &[], None)]);
        assert!(is_open(&[scope(&[1, 3], &[], None)], Some(&open)));
        assert!(is_open(&[scope(&[1], &[], released())], Some(&open)), "fewer rows than anybody sees");
        assert!(!is_open(&[scope(&[1, 4], &[], None)], Some(&open)), "a field more");
        assert!(!is_open(&[scope(&[1], &[2], None)], Some(&open)), "a masked field is none that anybody sees");
        assert!(!is_open(&[scope(&[1], &[], None), scope(&[4], &[], None)], Some(&open)), "one scope of two");
        assert!(!is_open(&[], Some(&open)) && !is_open(&[scope(&[1], &[], None)], None));
        let embargo = public(vec![scope(&[1, 2, 3], &[], released())]);
        assert!(!is_open(&[scope(&[1], &[], None)], Some(&embargo)), "rows under embargo");
        assert!(is_open(&[scope(&[1], &[], released())], Some(&embargo)));
    }
}
