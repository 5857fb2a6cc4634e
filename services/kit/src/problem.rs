//! RFC 7807 problems: the one form in which an HTTP service of ours says no.

use axum::{
    Json,
    extract::{
        FromRequest, Request,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned};

/// An answer that says no, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Which problem it is, as a relative reference that stays the same.
    #[serde(rename = "type")]
    kind: String,
    /// What that means, in a few words.
    title: String,
    /// The HTTP status, once more.
    status: u16,
    /// What is wrong this time.
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
    /// Each field that is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    #[serde(skip)]
    retry_after_seconds: Option<u32>,
}

/// One field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Path of the field, such as `labels.severity` or `[3].eventType`.
    pub field: String,
    /// What is wrong with it.
    pub detail: String,
}

/// A JSON body whose rejection is a [`Problem`].
#[derive(Clone, Copy, Debug)]
pub struct JsonBody<T>(pub T);

impl Problem {
    /// A problem with a name of its own, such as `invalid-event`.
    #[must_use]
    pub fn new(status: StatusCode, name: &str, title: &str) -> Self {
        Self {
            kind: format!("/problems/{name}"),
            title: title.to_owned(),
            status: status.as_u16(),
            detail: String::new(),
            errors: Vec::new(),
            retry_after_seconds: None,
        }
    }

    /// Says what is wrong this time.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// Names the fields that are wrong.
    #[must_use]
    pub fn errors(mut self, errors: impl IntoIterator<Item = FieldError>) -> Self {
        self.errors.extend(errors);
        self
    }

    /// Asks the client to come again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let retry_after = self.retry_after_seconds.map(HeaderValue::from);
        let mut response = (self.status(), Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = retry_after {
            headers.insert(RETRY_AFTER, seconds);
        }
        response
    }
}

impl<S, T> FromRequest<S> for JsonBody<T>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let Json(body) = Json::<T>::from_request(request, state).await?;
        Ok(Self(body))
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        let (name, title) = match rejection.status() {
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ("unsupported-media-type", "The body is not declared as JSON"),
            StatusCode::PAYLOAD_TOO_LARGE => ("body-too-large", "The body is too large"),
            StatusCode::UNPROCESSABLE_ENTITY => ("invalid-body", "The body is JSON of another shape"),
            _ => ("malformed-body", "The body is not JSON"),
        };
        Self::new(rejection.status(), name, title).detail(rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(rejection.status(), "invalid-query", "The query cannot be read").detail(rejection.body_text())
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::new(rejection.status(), "invalid-path", "The path cannot be read").detail(rejection.body_text())
    }
}

#[cfg(test)]
mod tests {
    use axum::{Router, body::Body, body::to_bytes, routing::post};
    use serde_json::{Value, json};
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn a_problem_carries_media_type_fields_and_retry_after() {
        let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "store-down", "No store answers")
            .errors([FieldError { field: "a.b".into(), detail: "is wrong".into() }])
            .retry_after(3);
        let response = problem.into_response();
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(response.headers()[RETRY_AFTER], "3");
        let body = to_bytes(response.into_body(), 65536).await.unwrap();
        let wanted = json!({"type": "/problems/store-down", "title": "No store answers", "status": 503,
            "errors": [{"field": "a.b", "detail": "is wrong"}]});
        assert_eq!(serde_json::from_slice::<Value>(&body).unwrap(), wanted);
    }

    #[tokio::test]
    async fn each_bad_body_is_a_problem_with_its_own_status() {
        let app = Router::new().route("/", post(|JsonBody(_): JsonBody<Vec<u8>>| async {}));
        for (content_type, body, status) in
            [("text/plain", "[1]", 415), ("application/json", "[1", 400), ("application/json", "{}", 422)]
        {
            let request = Request::post("/").header(CONTENT_TYPE, content_type).body(Body::from(body)).unwrap();
            let response = app.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), status, "{content_type} {body}");
            assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        }
    }
}
