//! The signal processing controller.

use kit::{config::Env, shutdown::Shutdown, telemetry};
use signalprocessing::{run, settings::Settings};
use tracing::Instrument as _;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let span = telemetry::init("signalprocessing");
    async {
        let settings = Settings::from_env(&Env::from_process())?;
        run::run(settings, Shutdown::on_signal()?).await
    }
    .instrument(span)
    .await
    .inspect_err(|error| tracing::error!(error = format!("{error:#}"), "the service cannot run"))
}
