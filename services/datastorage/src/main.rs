//! Starts `DataStorage`: `serve` (the default) or `migrate`.

use std::{env, process::ExitCode};

use anyhow::bail;
use datastorage::{AppState, Checks, Settings, app, migrate, supervise};
use kit::{
    config::Env,
    health::Health,
    server::{ServerConfig, serve},
    shutdown::Shutdown,
    telemetry,
};
use tracing::Instrument;

#[tokio::main]
async fn main() -> ExitCode {
    let span = telemetry::init("datastorage");
    match run().instrument(span).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = format!("{error:#}"), "giving up");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> anyhow::Result<()> {
    let env = Env::from_process();
    let settings = Settings::from_env(&env)?;
    let shutdown = Shutdown::on_signal()?;
    match env::args().nth(1).as_deref() {
        None | Some("serve") => run_server(&env, &settings, shutdown).await,
        Some("migrate") => migrate(&settings, shutdown).await,
        Some(other) => bail!("unknown command {other:?}; there are `serve` and `migrate`"),
    }
}

async fn run_server(env: &Env, settings: &Settings, shutdown: Shutdown) -> anyhow::Result<()> {
    let config = ServerConfig::from_env(env)?;
    let listener = config.bind().await?;
    let health = Health::new();
    let state = AppState::new(settings)?;
    let checks = Checks::register(&health);
    let watch = supervise(state.clone(), checks, settings.watch_interval, shutdown.clone());
    let watch = tokio::spawn(watch.in_current_span());
    let app = app(state.clone(), &health);
    serve(config, listener, app, health, shutdown).await?;
    watch.await?;
    state.close().await;
    Ok(())
}
