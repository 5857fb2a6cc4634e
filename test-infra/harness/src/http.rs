//! An HTTP client for tests: answers are read whole, so that an assertion on one can show its body.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde::{Serialize, de::DeserializeOwned};

const REQUEST_DEADLINE: Duration = Duration::from_secs(30);

/// A client for one base URL.
#[derive(Debug, Clone)]
pub struct Http {
    client: reqwest::Client,
    base: String,
}

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The request, for messages: `GET http://...`.
    pub request: String,
    /// The status code.
    pub status: u16,
    /// The media type, without parameters; empty if there is none.
    pub content_type: String,
    /// The body as text.
    pub body: String,
}

impl Http {
    /// A client for `base`, for instance `http://127.0.0.1:28090`.
    pub fn new(base: &str) -> Result<Self> {
        // A proxy that the environment names cannot reach a port of this host's loopback.
        let client = reqwest::Client::builder().timeout(REQUEST_DEADLINE).no_proxy();
        let client = client.build().context("cannot build a client")?;
        Ok(Self { client, base: base.trim_end_matches('/').to_owned() })
    }

    /// `GET` of a path with its query.
    pub async fn get(&self, path: &str) -> Result<Answer> {
        self.send("GET", self.client.get(self.at(path)), path).await
    }

    /// `POST` of a value as JSON.
    pub async fn post(&self, path: &str, body: &(impl Serialize + ?Sized)) -> Result<Answer> {
        self.send("POST", self.client.post(self.at(path)).json(body), path).await
    }

    /// `PUT` of a value as JSON.
    pub async fn put(&self, path: &str, body: &(impl Serialize + ?Sized)) -> Result<Answer> {
        self.send("PUT", self.client.put(self.at(path)).json(body), path).await
    }

    /// `PATCH` with a value as JSON.
    pub async fn patch(&self, path: &str, body: &(impl Serialize + ?Sized)) -> Result<Answer> {
        self.send("PATCH", self.client.patch(self.at(path)).json(body), path).await
    }

    /// `POST` of bytes as they are, for requests that are malformed on purpose.
    pub async fn post_raw(&self, path: &str, content_type: &str, body: Vec<u8>) -> Result<Answer> {
        let request = self.client.post(self.at(path)).header("content-type", content_type).body(body);
        self.send("POST", request, path).await
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    async fn send(&self, method: &str, request: reqwest::RequestBuilder, path: &str) -> Result<Answer> {
        let shown = format!("{method} {}", self.at(path));
        let response = request.send().await.with_context(|| format!("{shown}: no answer"))?;
        let status = response.status().as_u16();
        let content_type = response
            .headers()
            .get("content-type")
            .and_then(|value| value.to_str().ok())
            .map(|value| value.split(';').next().unwrap_or_default().trim().to_owned())
            .unwrap_or_default();
        let body = response.text().await.with_context(|| format!("{shown}: status {status}, body broke off"))?;
        Ok(Answer { request: shown, status, content_type, body })
    }
}

impl Answer {
    /// This answer if its status is `status`; an error that shows the body if not.
    pub fn expect_status(self, status: u16) -> Result<Self> {
        ensure!(self.status == status, "{}: status {} instead of {status}: {}", self.request, self.status, self.body);
        Ok(self)
    }

    /// The body, decoded from JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_str(&self.body)
            .with_context(|| format!("{}: status {}, unexpected body: {}", self.request, self.status, self.body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unexpected_status_shows_the_body() {
        let answer = Answer {
            request: "GET http://x/y".to_owned(),
            status: 503,
            content_type: String::new(),
            body: "postgres is away".to_owned(),
        };
        let message = answer.expect_status(200).unwrap_err().to_string();
        assert_eq!(message, "GET http://x/y: status 503 instead of 200: postgres is away");
    }
}
