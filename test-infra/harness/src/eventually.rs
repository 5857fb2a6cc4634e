//! Awaits for what cannot be watched (an answer over HTTP, a row in a table): asked again until it holds or the deadline
//! has passed. Objects of the cluster are watched instead, see [`await_object`](crate::await_object()).

use std::time::Duration;

use anyhow::{Result, anyhow};
use tokio::time::{Instant, sleep, timeout_at};

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Asks `probe` until it answers `Ok`, at most for `deadline`. What it last answered instead is part of the error, so a
/// probe should fail with what it saw: `ensure!(count == 3, "{count} events")`.
pub async fn eventually<T>(deadline: Duration, what: &str, mut probe: impl AsyncFnMut() -> Result<T>) -> Result<T> {
    let end = Instant::now() + deadline;
    let mut pause = FIRST_PAUSE;
    let mut tries = 0_u32;
    let mut last_seen: Option<anyhow::Error> = None;
    loop {
        tries += 1;
        match timeout_at(end, probe()).await {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(seen)) => last_seen = Some(seen),
            Err(_) => {
                let before = last_seen.map_or_else(|| "nothing before it".to_owned(), |seen| format!("{seen:#}"));
                return Err(anyhow!(
                    "{what}: not within {deadline:?}; try {tries} was never answered; before: {before}"
                ));
            }
        }
        if Instant::now() + pause >= end {
            let seen = last_seen.map_or_else(String::new, |seen| format!("{seen:#}"));
            return Err(anyhow!("{what}: not within {deadline:?} ({tries} tries); last seen: {seen}"));
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::{bail, ensure};

    #[tokio::test]
    async fn the_error_says_what_was_last_seen() {
        let mut count = 0;
        let outcome: Result<()> = eventually(Duration::from_millis(300), "three events", async || {
            count += 1;
            bail!("{count} events")
        })
        .await;
        let message = outcome.unwrap_err().to_string();
        assert!(message.starts_with("three events: not within 300ms"), "{message}");
        assert!(message.ends_with(&format!("last seen: {count} events")), "{message}");
        assert!(count > 1, "asked {count} times only");
    }

    #[tokio::test]
    async fn a_probe_that_hangs_does_not_outlive_the_deadline() {
        let outcome: Result<()> =
            eventually(Duration::from_millis(50), "an answer", async || std::future::pending().await).await;
        assert!(outcome.unwrap_err().to_string().contains("never answered"));
    }

    #[tokio::test]
    async fn the_first_success_ends_the_wait() {
        let mut asked = 0;
        let value = eventually(Duration::from_secs(5), "the second answer", async || {
            asked += 1;
            ensure!(asked == 2, "{asked}");
            Ok(asked)
        })
        .await;
        assert_eq!(value.unwrap(), 2);
    }
}
