//! A plan for people (text, Mermaid) and for programs (JSON).

use std::fmt::Write;

use super::Plan;

/// One line a task: phase, id, what it needs.
#[must_use]
pub fn text(plan: &Plan) -> String {
    let width = plan.tasks.iter().map(|t| t.id.0.len()).max().unwrap_or(0);
    let mut out = format!("{} tasks, mode {}\n", plan.tasks.len(), plan.mode);
    for task in &plan.tasks {
        let needs: Vec<&str> = task.needs.iter().map(|n| n.0.as_str()).collect();
        let after = if needs.is_empty() { "at once".to_owned() } else { format!("after {}", needs.join(", ")) };
        let _ = writeln!(out, "{:<8} {:<5} {:<width$}  {after}", task.phase, task.pool, task.id);
    }
    out
}

/// `{"tasks":[{"id","action","needs","pool","phase"}...]}`
#[must_use]
pub fn json(plan: &Plan) -> serde_json::Value {
    serde_json::json!({ "mode": plan.mode, "definitions": plan.definitions, "tasks": plan.tasks })
}

/// A flow chart, for a document or a browser.
#[must_use]
pub fn mermaid(plan: &Plan) -> String {
    let mut out = "flowchart LR\n".to_owned();
    let key = |id: &super::TaskId| plan.tasks.iter().position(|t| t.id == *id).unwrap_or_default();
    for task in &plan.tasks {
        let _ = writeln!(out, "  t{}[\"{}\"]", key(&task.id), task.id);
        for need in &task.needs {
            let _ = writeln!(out, "  t{} --> t{}", key(need), key(&task.id));
        }
    }
    out
}
