//! `e2e-logs`: what the pods of a service printed.

use crate::{
    cli::LogsArgs,
    render::DEFINITION_LABEL,
    session::{CommandError, Exit, NAMESPACE, Session},
    tools::kubectl::Kubectl,
};

/// Shows the logs of all containers, each line with its pod.
pub fn run(session: &Session, args: &LogsArgs) -> Result<Exit, CommandError> {
    let service = session.select(std::slice::from_ref(&args.service))?.remove(0);
    let name = args.cluster.clone().unwrap_or_else(|| session.cluster_with(&service).unwrap_or(args.service.clone()));
    let cluster = session.home.cluster(&name);
    if cluster.record()?.is_none() {
        let kept = cluster.pod_logs();
        let kept = if kept.exists() { format!("; logs of its last pods: {}", kept.display()) } else { String::new() };
        return Err(CommandError::failed(format!("there is no cluster `{name}`{kept}")));
    }
    let kubectl = Kubectl::new(&session.toolbox, &cluster.kubeconfig());
    let selector = format!("{DEFINITION_LABEL}={service}");
    let mut logs = kubectl.cmd().args(["logs", "--namespace", NAMESPACE, "--selector", &selector]);
    logs = logs.args(["--all-containers", "--prefix", "--tail=-1", "--max-log-requests=50"]).inherit();
    if args.follow {
        // Until Ctrl-C, or a day.
        logs = logs.arg("--follow").deadline(std::time::Duration::from_hours(24));
    }
    crate::signals::stop_on_signal(&session.runner)?;
    logs.run(&session.runner)?;
    Ok(Exit::Ok)
}
