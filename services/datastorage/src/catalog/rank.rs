//! Which workflow fits a search best.
//!
//! Candidates already fit: each label of theirs is the one asked for, or [`ANY`]. The score is the share of what was
//! asked for that a workflow names expressly: a specific workflow beats a general one, and one that was labelled for the
//! same team beats one that was not. Ties are broken by name, so that the same question gets the same answer.

use super::{definition::ANY, search::SearchQuery};
use crate::store::WorkflowRow;

/// A workflow and how well it fits, from 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ranked {
    pub(crate) row: WorkflowRow,
    pub(crate) score: f64,
}

/// Orders candidates, best first, and keeps as many as were asked for.
pub(crate) fn rank(query: &SearchQuery, candidates: Vec<WorkflowRow>) -> Vec<Ranked> {
    let mut ranked: Vec<_> = candidates.into_iter().map(|row| Ranked { score: score(query, &row), row }).collect();
    ranked.sort_by(|a, b| {
        b.score.total_cmp(&a.score).then_with(|| a.row.definition.workflow_id.cmp(&b.row.definition.workflow_id))
    });
    ranked.truncate(query.limit);
    ranked
}

fn score(query: &SearchQuery, row: &WorkflowRow) -> f64 {
    let labels = row.definition.labels.named();
    let named = labels.iter().filter(|(_, value)| *value != ANY).count();
    let custom = query
        .custom_labels
        .iter()
        .filter(|(name, value)| row.definition.custom_labels.get(*name) == Some(*value))
        .count();
    let asked = labels.len() + query.custom_labels.len();
    // Both are small: labels of one request.
    f64::from(u32::try_from(named + custom).unwrap_or(u32::MAX)) / f64::from(u32::try_from(asked).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::catalog::{definition, search};

    fn candidate(id: &str, change: impl FnOnce(&mut Value)) -> WorkflowRow {
        let mut body = definition::tests::sample();
        body["workflowId"] = json!(id);
        change(&mut body);
        WorkflowRow { definition: definition::parse(body).unwrap(), is_latest: true, disabled_reason: None }
    }

    fn names(query: &Value, candidates: Vec<WorkflowRow>) -> Vec<String> {
        let query = search::parse(query).unwrap();
        rank(&query, candidates).into_iter().map(|one| one.row.definition.workflow_id).collect()
    }

    #[test]
    fn the_specific_beats_the_general() {
        let general = candidate("a-general", |body| body["labels"]["environment"] = json!("*"));
        let more_general = candidate("b-general", |body| {
            body["labels"]["environment"] = json!("*");
            body["labels"]["priority"] = json!("*");
        });
        let specific = candidate("specific", |_| ());
        let found = names(&search::tests::sample(), vec![more_general, general, specific]);
        assert_eq!(found, ["specific", "a-general", "b-general"]);
    }

    #[test]
    fn custom_labels_decide_between_equals_and_names_break_ties() {
        let mut query = search::tests::sample();
        query["customLabels"] = json!({"team": "payments"});
        let ours = candidate("z-ours", |body| body["customLabels"] = json!({"team": "payments"}));
        let theirs = candidate("b-theirs", |body| body["customLabels"] = json!({"team": "search"}));
        let nobodys = candidate("a-nobodys", |_| ());
        assert_eq!(names(&query, vec![theirs, ours, nobodys]), ["z-ours", "a-nobodys", "b-theirs"]);
    }

    #[test]
    fn a_perfect_fit_scores_one_and_no_more_than_asked_for_are_kept() {
        let mut query = search::tests::sample();
        query["limit"] = json!(1);
        let query = search::parse(&query).unwrap();
        let ranked = rank(&query, vec![candidate("b", |_| ()), candidate("a", |_| ())]);
        assert_eq!(ranked.len(), 1);
        assert_eq!((ranked[0].row.definition.workflow_id.as_str(), ranked[0].score.to_string()), ("a", "1".to_owned()));
    }
}
