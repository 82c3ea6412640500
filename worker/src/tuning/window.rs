//! What a short stretch of work looked like: differences of what the stages counted.

use std::{collections::BTreeMap, time::Duration};

use quire_models::manifest::Role;

use crate::meter::Reading;

/// What was counted since the start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Totals {
    /// By network.
    pub(crate) networks: BTreeMap<Role, Reading>,
    /// Time that all render children together have drawn.
    pub(crate) drawing: Duration,
    /// Pages rendered.
    pub(crate) rendered: u64,
    /// Pages that wait for a render child now.
    pub(crate) waiting: usize,
    /// Most memory used since the last look, as a share of the budget.
    pub(crate) memory: f64,
}

/// What happened between two looks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Window {
    /// Its length in seconds.
    pub(crate) seconds: f64,
    /// By network.
    pub(crate) networks: BTreeMap<Role, Calls>,
    /// The render children.
    pub(crate) rendering: Rendering,
    /// Most memory used, as a share of the budget: above 1 when pages proved larger than they were taken for.
    pub(crate) memory: f64,
}

/// Calls of one network.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Calls {
    /// How many.
    pub(crate) calls: f64,
    /// Items in them.
    pub(crate) items: f64,
    /// What the items cost: pixels.
    pub(crate) cost: f64,
    /// Seconds of its threads, inside the network or holding items back for company.
    pub(crate) spent: f64,
    /// Seconds that its threads had.
    pub(crate) had: f64,
}

/// Work of the render children.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rendering {
    /// Pages.
    pub(crate) pages: f64,
    /// Seconds, of all together.
    pub(crate) drawing: f64,
    /// Whether pages wait for a child.
    pub(crate) waited_for: bool,
}

impl Window {
    /// What happened within `length`.
    pub(crate) fn between(before: &Totals, now: &Totals, length: Duration) -> Self {
        let calls = |(role, now): (&Role, &Reading)| {
            let before = before.networks.get(role).copied().unwrap_or_default();
            let calls = Calls {
                calls: (now.batches - before.batches) as f64,
                items: (now.items - before.items) as f64,
                cost: (now.cost - before.cost) as f64,
                had: now.threads as f64 * length.as_secs_f64(),
                spent: (now.busy + now.held).saturating_sub(before.busy + before.held).as_secs_f64(),
            };
            (*role, calls)
        };
        Self {
            seconds: length.as_secs_f64(),
            networks: now.networks.iter().map(calls).collect(),
            rendering: Rendering {
                pages: (now.rendered - before.rendered) as f64,
                drawing: now.drawing.saturating_sub(before.drawing).as_secs_f64(),
                waited_for: now.waiting > 0,
            },
            memory: now.memory,
        }
    }
}

impl Calls {
    /// Both together.
    pub(super) fn and(self, more: Self) -> Self {
        Self {
            calls: self.calls + more.calls,
            items: self.items + more.items,
            cost: self.cost + more.cost,
            spent: self.spent + more.spent,
            had: self.had + more.had,
        }
    }
}
