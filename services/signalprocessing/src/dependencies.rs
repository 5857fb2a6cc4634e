//! Whether what the controller depends on answers: the API server with our custom resource, and `DataStorage`. They are
//! asked in the background, so that a probe of ours never waits for them; nothing else hangs on the answers.

use std::time::Duration;

use api::SignalProcessing;
use kit::health::Check;
use kube::{Api, api::ListParams};
use tokio::time::{sleep, timeout};

/// While something does not answer it is asked often: readiness is what a set-up waits for.
const WHILE_FAILING: Duration = Duration::from_millis(500);
const WHILE_PASSING: Duration = Duration::from_secs(10);
const DEADLINE: Duration = Duration::from_secs(5);

/// Asks for one of our objects, again and again. That takes the API server, the definition and our role.
pub async fn watch_api(objects: Api<SignalProcessing>, check: Check) {
    keep_asking(check, || {
        let objects = objects.clone();
        async move {
            let one = ListParams::default().limit(1);
            objects.list_metadata(&one).await.map(drop).map_err(|error| error.to_string())
        }
    })
    .await;
}

/// Asks `DataStorage` whether it is alive. Its own troubles are not ours: it takes audit events as long as it lives.
pub async fn watch_data_storage(client: reqwest::Client, base_url: String, check: Check) {
    keep_asking(check, || {
        let request = client.get(format!("{base_url}/livez"));
        async move {
            let answer = request.send().await.and_then(reqwest::Response::error_for_status);
            answer.map(drop).map_err(|error| error.to_string())
        }
    })
    .await;
}

async fn keep_asking<F>(check: Check, mut ask: impl FnMut() -> F)
where
    F: Future<Output = Result<(), String>>,
{
    loop {
        let answer = timeout(DEADLINE, ask()).await.unwrap_or_else(|_| Err(format!("no answer within {DEADLINE:?}")));
        let pause = match answer {
            Ok(()) => {
                check.pass();
                WHILE_PASSING
            }
            Err(reason) => {
                check.fail(reason);
                WHILE_FAILING
            }
        };
        sleep(pause).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kit::health::{Health, Role};

    #[tokio::test]
    async fn readiness_follows_the_answers() {
        let health = Health::new();
        let check = health.check("thing", Role::Gate);
        let mut answers = [Err("away".to_owned()), Ok(())].into_iter();
        let asking = keep_asking(check, || {
            let answer = answers.next();
            async move {
                match answer {
                    Some(answer) => answer,
                    None => std::future::pending().await,
                }
            }
        });
        let ready = async {
            while !health.is_ready() {
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            () = asking => unreachable!("it asks for ever"),
            ready = timeout(Duration::from_secs(10), ready) => ready.unwrap(),
        }
    }
}
