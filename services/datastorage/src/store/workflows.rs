//! The workflow catalog in the database. Versions of one workflow are changed one at a time, under an advisory lock, so
//! that there is exactly one latest version whatever happens at once.

use sqlx::{FromRow, PgConnection, types::Json};

use super::{Store, StoreError, changed};
use crate::catalog::{ANY, SearchQuery, Version, WorkflowDefinition};

/// One version of a workflow, as it is in the catalog.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WorkflowRow {
    pub(crate) definition: WorkflowDefinition,
    pub(crate) is_latest: bool,
    pub(crate) disabled_reason: Option<String>,
}

/// What became of a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Registered {
    /// It is in the catalog now.
    New,
    /// It was there before.
    Same,
    /// Another definition has this version.
    Conflict,
}

/// The labels that candidates must carry, or leave open.
#[derive(Clone, Debug)]
pub(crate) struct SearchKey {
    signal_type: String,
    open: [String; 4],
}

impl From<&SearchQuery> for SearchKey {
    fn from(query: &SearchQuery) -> Self {
        let labels = query.labels.clone();
        let open = [labels.severity, labels.component, labels.environment, labels.priority];
        Self { signal_type: labels.signal_type, open }
    }
}

impl Store {
    /// Puts a definition into the catalog, and returns what the catalog has under its version afterwards.
    pub(crate) async fn register(
        &self,
        definition: &WorkflowDefinition,
    ) -> Result<(Registered, WorkflowRow), StoreError> {
        self.while_up(async {
            let mut transaction = self.pool.begin().await?;
            lock(&mut transaction, &definition.workflow_id).await?;
            let inserted = sqlx::query(
                "INSERT INTO workflows (workflow_id, version, version_key, definition) VALUES ($1, $2, $3, $4)
                ON CONFLICT DO NOTHING",
            )
            .bind(&definition.workflow_id)
            .bind(definition.version.to_string())
            .bind(definition.version.key())
            .bind(Json(definition))
            .execute(&mut *transaction)
            .await?;
            choose_latest(&mut transaction, &definition.workflow_id).await?;
            let row = one(&mut transaction, &definition.workflow_id, definition.version).await?;
            let row = row.ok_or(sqlx::Error::RowNotFound)?;
            transaction.commit().await?;
            let outcome = match (changed(&inserted), row.definition == *definition) {
                (true, _) => Registered::New,
                (false, true) => Registered::Same,
                (false, false) => Registered::Conflict,
            };
            Ok((outcome, row))
        })
        .await
    }

    /// Every version of a workflow, the highest first; none if there is no such workflow.
    pub(crate) async fn versions(&self, workflow_id: &str) -> Result<Vec<WorkflowRow>, StoreError> {
        // Nothing stored holds U+0000, and the database cannot even be asked about it.
        if workflow_id.contains('\0') {
            return Ok(Vec::new());
        }
        let query = sqlx::query_as::<_, Row>(
            "SELECT definition, is_latest, disabled_reason FROM workflows WHERE workflow_id = $1
            ORDER BY version_key DESC",
        );
        let rows = self.while_up(query.bind(workflow_id).fetch_all(&self.pool)).await?;
        Ok(rows.into_iter().map(WorkflowRow::from).collect())
    }

    /// Disables a version; `None` if the catalog does not have it.
    pub(crate) async fn disable(
        &self,
        workflow_id: &str,
        version: Version,
        reason: &str,
    ) -> Result<Option<WorkflowRow>, StoreError> {
        if workflow_id.contains('\0') {
            return Ok(None);
        }
        self.while_up(async {
            let mut transaction = self.pool.begin().await?;
            lock(&mut transaction, workflow_id).await?;
            sqlx::query(
                "UPDATE workflows SET disabled_reason = $3, disabled_at = coalesce(disabled_at, now())
                WHERE workflow_id = $1 AND version = $2",
            )
            .bind(workflow_id)
            .bind(version.to_string())
            .bind(reason)
            .execute(&mut *transaction)
            .await?;
            choose_latest(&mut transaction, workflow_id).await?;
            let row = one(&mut transaction, workflow_id, version).await?;
            transaction.commit().await?;
            Ok(row)
        })
        .await
    }

    /// The workflows whose latest version fits.
    pub(crate) async fn candidates(&self, key: &SearchKey) -> Result<Vec<WorkflowRow>, StoreError> {
        let [severity, component, environment, priority] = &key.open;
        let query = sqlx::query_as::<_, Row>(
            "SELECT definition, is_latest, disabled_reason FROM workflows
            WHERE is_latest AND disabled_reason IS NULL AND signal_type = $1 AND severity IN ($2, $6)
                AND component IN ($3, $6) AND environment IN ($4, $6) AND priority IN ($5, $6)",
        )
        .bind(&key.signal_type)
        .bind(severity)
        .bind(component)
        .bind(environment)
        .bind(priority)
        .bind(ANY);
        let rows = self.while_up(query.fetch_all(&self.pool)).await?;
        Ok(rows.into_iter().map(WorkflowRow::from).collect())
    }
}

#[derive(FromRow)]
struct Row {
    definition: Json<WorkflowDefinition>,
    is_latest: bool,
    disabled_reason: Option<String>,
}

impl From<Row> for WorkflowRow {
    fn from(row: Row) -> Self {
        Self { definition: row.definition.0, is_latest: row.is_latest, disabled_reason: row.disabled_reason }
    }
}

async fn lock(connection: &mut PgConnection, workflow_id: &str) -> Result<(), sqlx::Error> {
    let query = sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('workflow ' || $1, 0))").bind(workflow_id);
    query.execute(connection).await.map(|_| ())
}

async fn choose_latest(connection: &mut PgConnection, workflow_id: &str) -> Result<(), sqlx::Error> {
    sqlx::query("SELECT choose_latest($1)").bind(workflow_id).execute(connection).await.map(|_| ())
}

async fn one(
    connection: &mut PgConnection,
    workflow_id: &str,
    version: Version,
) -> Result<Option<WorkflowRow>, sqlx::Error> {
    let query = sqlx::query_as::<_, Row>(
        "SELECT definition, is_latest, disabled_reason FROM workflows WHERE workflow_id = $1 AND version = $2",
    );
    let row = query.bind(workflow_id).bind(version.to_string()).fetch_optional(connection).await?;
    Ok(row.map(WorkflowRow::from))
}
