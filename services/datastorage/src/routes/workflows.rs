//! `/api/v1/workflows`.

use api::{AuditEvent, EventType, Outcome};
use axum::{
    Json,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kit::problem::{FieldError, JsonBody, Problem};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    catalog::{self, Ranked, SearchQuery, Version, WorkflowDefinition},
    intake,
    state::AppState,
    store::{Registered, SearchKey, WorkflowRow},
};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetQuery {
    version: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DisableRequest {
    reason: String,
}

/// A workflow of the catalog, as it is shown.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct WorkflowView {
    #[serde(flatten)]
    definition: WorkflowDefinition,
    is_latest: bool,
    disabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_reason: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Hit {
    #[serde(flatten)]
    workflow: WorkflowView,
    score: f64,
}

/// Registers a version. 201: new; 200: the same is there already, so that seeding twice is harmless; 409: another
/// definition has this version.
pub(super) async fn register(
    State(state): State<AppState>,
    JsonBody(body): JsonBody<Value>,
) -> Result<Response, Problem> {
    let definition =
        catalog::parse_definition(body).map_err(invalid("invalid-workflow", "The workflow is not valid"))?;
    let (outcome, row) = state.store.register(&definition).await?;
    let status = match outcome {
        Registered::New => StatusCode::CREATED,
        Registered::Same => StatusCode::OK,
        Registered::Conflict => {
            let detail = format!("version {} of {} is another one", definition.version, definition.workflow_id);
            let title = "A version cannot be changed once it is registered";
            return Err(Problem::new(StatusCode::CONFLICT, "version-exists", title).detail(detail));
        }
    };
    Ok((status, Json(WorkflowView::from(row))).into_response())
}

/// The latest version, or the one that is asked for.
pub(super) async fn get(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Query(query): Query<GetQuery>,
) -> Result<Json<impl Serialize>, Problem> {
    let versions = state.store.versions(&id).await?;
    let wanted = versions.into_iter().find(|row| match &query.version {
        Some(version) => row.definition.version.to_string() == *version,
        None => row.is_latest,
    });
    wanted.map(|row| Json(WorkflowView::from(row))).ok_or_else(|| unknown(&id, query.version.as_deref()))
}

/// Every version, the highest first.
pub(super) async fn versions(
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<Json<impl Serialize>, Problem> {
    let versions = state.store.versions(&id).await?;
    if versions.is_empty() {
        return Err(unknown(&id, None));
    }
    let versions: Vec<_> = versions.into_iter().map(WorkflowView::from).collect();
    Ok(Json(json!({ "versions": versions })))
}

/// Disables a version, and says why. It is not found by searches any more; the next lower one may become the latest.
pub(super) async fn disable(
    State(state): State<AppState>,
    Path((id, version)): Path<(String, String)>,
    JsonBody(request): JsonBody<DisableRequest>,
) -> Result<Json<impl Serialize>, Problem> {
    let reason = request.reason.trim();
    if reason.is_empty() || reason.contains('\0') {
        let error = FieldError { field: "reason".to_owned(), detail: "must say why".to_owned() };
        return Err(invalid("invalid-reason", "A version is not disabled without a reason")(vec![error]));
    }
    let parsed: Version = version.parse().map_err(|_| unknown(&id, Some(&version)))?;
    let row = state.store.disable(&id, parsed, reason).await?;
    row.map(|row| Json(WorkflowView::from(row))).ok_or_else(|| unknown(&id, Some(&version)))
}

/// Finds the workflows that fit, best first, and writes an audit event about it.
pub(super) async fn search(
    State(state): State<AppState>,
    JsonBody(body): JsonBody<Value>,
) -> Result<Json<impl Serialize>, Problem> {
    let query = catalog::parse_search(&body).map_err(invalid("invalid-search", "The search is not valid"))?;
    let key = SearchKey::from(&query);
    let rows = state.store.candidates(&key).await?;
    state.metrics.searches.inc();
    let ranked = catalog::rank(&query, rows);
    let event = searched(&query, &ranked);
    let answer = json!({
        "total": ranked.len(),
        "correlationId": event.correlation_id,
        "auditEventId": event.event_id,
        "workflows": ranked.into_iter().map(Hit::from).collect::<Vec<_>>(),
    });
    // A search that cannot be recorded is not answered: the trail has to show what a decision rested on.
    intake::accept(&state, &[event]).await.map_err(|error| {
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "not-recorded", "The search could not be recorded")
            .detail(error.to_string())
            .retry_after(2)
    })?;
    Ok(Json(answer))
}

fn searched(query: &SearchQuery, ranked: &[Ranked]) -> AuditEvent {
    let ids: Vec<_> = ranked.iter().map(|one| json!(one.row.definition.workflow_id)).collect();
    let correlation_id = query.correlation_id.clone().unwrap_or_else(|| format!("search-{}", uuid::Uuid::now_v7()));
    let data = [("query", json!(query.summary())), ("results", json!(ids.len())), ("workflows", Value::Array(ids))];
    AuditEvent::new(EventType::DataStorageWorkflowSearched, correlation_id, Outcome::Success, data)
}

fn invalid(name: &'static str, title: &'static str) -> impl FnOnce(Vec<FieldError>) -> Problem {
    move |errors| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, name, title).errors(errors)
}

fn unknown(id: &str, version: Option<&str>) -> Problem {
    let detail = match version {
        Some(version) => format!("workflow {id:?} has no version {version:?}"),
        None => format!("there is no workflow {id:?}"),
    };
    Problem::new(StatusCode::NOT_FOUND, "no-such-workflow", "The catalog does not have it").detail(detail)
}

impl From<WorkflowRow> for WorkflowView {
    fn from(row: WorkflowRow) -> Self {
        let disabled = row.disabled_reason.is_some();
        Self { definition: row.definition, is_latest: row.is_latest, disabled, disabled_reason: row.disabled_reason }
    }
}

impl From<Ranked> for Hit {
    fn from(ranked: Ranked) -> Self {
        Self { workflow: ranked.row.into(), score: ranked.score }
    }
}
