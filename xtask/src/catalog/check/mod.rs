//! Whether the definitions make sense together. Each check looks at all files and says everything; none stops another.

mod images;
mod names;
mod needs;
mod objects;
mod ports;
mod services;
mod webhooks;

use super::{find::Reading, problem::Problem};

/// Everything about the files that makes no sense.
pub(super) fn all(reading: &Reading) -> Vec<Problem> {
    let checks =
        [names::check, needs::check, ports::check, services::check, objects::check, images::check, webhooks::check];
    checks.iter().flat_map(|check| check(reading)).collect()
}
