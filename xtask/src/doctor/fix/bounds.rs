//! Raises bounds of the kernel, until the machine starts anew.

use super::{Mended, system::Rights};
use crate::doctor::{Ctx, kernel::Low};

pub(super) fn raise(ctx: &Ctx<'_>, low: Low) -> Result<Mended, String> {
    let Low { name, is, wanted } = low;
    let rights =
        Rights::find(ctx.runner).ok_or_else(|| format!("raising {name} takes root: sudo sysctl {name}={wanted}"))?;
    let sysctl = ctx.toolbox.find("sysctl").ok_or_else(|| format!("no sysctl is there to raise {name} with"))?;
    let raise = rights.cmd(&[], &sysctl.display().to_string()).args(["-w", &format!("{name}={wanted}")]);
    raise.run(ctx.runner).map_err(|e| e.to_string())?;
    let what = format!("raised {name} from {is} to {wanted}, until this machine starts anew");
    Ok(Mended::new(what).undone_by(format!("sudo sysctl {name}={is}")))
}
