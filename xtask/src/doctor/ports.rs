//! The ports that definitions prefer on 127.0.0.1 are free.

use std::net::{Ipv4Addr, TcpListener};

use super::{Ctx, Finding};

const CHECK: &str = "ports";

pub(super) fn check(ctx: &Ctx<'_>) -> Finding {
    let wanted = ctx.catalog.definitions.values().flat_map(|d| d.ports.iter().map(move |p| (p.host_port, d)));
    let mut count = 0;
    let mut taken = Vec::new();
    for (port, definition) in wanted {
        count += 1;
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_err() {
            taken.push(format!("{port} ({})", definition.name));
        }
    }
    if taken.is_empty() {
        return Finding::ok(CHECK, format!("all {count} preferred ports are free"));
    }
    let why = "A cluster of ours may hold them. Taken ones are replaced by others, shown in the report; `--ports fixed` makes that an error.";
    Finding::advice(CHECK, format!("taken: {}", taken.join(", ")), why)
        .mended_by("cargo xtask e2e-status   # then: ss -ltnp")
}
