//! What is set next, from what was measured. Pure: no clock, no stages.
//!
//! | setting | moves when | stays when |
//! |---|---|---|
//! | render children | they hold up the rest, or fewer would do, or memory is short ([feed](super::feed)) | always |
//! | items in a call | its network is busy and its calls are full | it pays ([climb](super::climb)) |
//! | wait for company | nothing else is tried on its network | it pays |
//!
//! It pays when a second of the network's threads, waiting included, does more work.

use std::mem;

use quire_models::manifest::Role;

use super::{
    climb::{self, Climb},
    feed::{self, Feed},
    setting::{Ladder, Setting},
    window::{Calls, Window},
};

/// When settings move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Params {
    /// For the render children.
    pub(crate) feed: feed::Params,
    /// For the networks.
    pub(crate) climb: climb::Params,
    /// Items and calls of a network that make a sample. Default 8 and 4.
    pub(crate) sample: (f64, f64),
    /// What a call may hold is tried when the threads are busy for this share of the time … Default 0.85.
    pub(crate) busy: f64,
    /// … and calls hold this share of it. Default 0.75.
    pub(crate) full: f64,
}

impl Default for Params {
    fn default() -> Self {
        let (feed, climb) = (feed::Params::default(), climb::Params::default());
        Self { feed, climb, sample: (8.0, 4.0), busy: 0.85, full: 0.75 }
    }
}

/// Sets what is tuned.
#[derive(Debug, Default)]
pub(crate) struct Controller {
    children: Option<Feed>,
    networks: Vec<Network>,
}

impl Controller {
    /// A controller of the settings on `ladders`.
    pub(crate) fn new(ladders: Vec<Ladder>, params: Params) -> Self {
        let mut controller = Self::default();
        for ladder in ladders {
            match ladder.rungs.first() {
                Some(Setting::Children(_)) => controller.children = Some(Feed::new(ladder, params.feed)),
                Some(Setting::Items(role, _) | Setting::Wait(role, _)) => {
                    controller.networks.push(Network::new(*role, ladder, params));
                }
                None => {}
            }
        }
        controller
    }

    /// Takes what happened in a window and says what is to be changed.
    pub(crate) fn next(&mut self, window: &Window) -> Vec<Setting> {
        let before = self.settings();
        if let Some(children) = &mut self.children {
            children.see(window);
        }
        for network in &mut self.networks {
            network.see(window);
        }
        let now = self.settings();
        now.into_iter().filter(|setting| !before.contains(setting)).collect()
    }

    /// What is set.
    pub(crate) fn settings(&self) -> Vec<Setting> {
        let children = self.children.iter().filter_map(Feed::setting);
        children.chain(self.networks.iter().filter_map(Network::setting)).collect()
    }
}

/// How one network batches.
#[derive(Debug)]
struct Network {
    role: Role,
    rungs: Vec<Setting>,
    climb: Climb,
    params: Params,
    /// Calls of the sample that is under way.
    seen: Calls,
}

impl Network {
    fn new(role: Role, ladder: Ladder, params: Params) -> Self {
        let Ladder { rungs, start, gain } = ladder;
        let climb = Climb::new(start, rungs.len().saturating_sub(1), gain, params.climb);
        Self { role, rungs, climb, params, seen: Calls::default() }
    }

    fn setting(&self) -> Option<Setting> {
        self.rungs.get(self.climb.at()).copied()
    }

    fn see(&mut self, window: &Window) {
        let Some(calls) = window.networks.get(&self.role) else { return };
        self.seen = self.seen.and(*calls);
        let (items, calls) = self.params.sample;
        if self.seen.items < items || self.seen.calls < calls || self.seen.spent <= 0.0 {
            return;
        }
        let seen = mem::take(&mut self.seen);
        self.climb.sample(seen.cost / seen.spent, self.is_in_force(&seen));
    }

    /// Whether calls would hold more if they might: what bounds nothing need not be tried.
    fn is_in_force(&self, seen: &Calls) -> bool {
        let Some(Setting::Items(_, most)) = self.setting() else { return true };
        let full = seen.items >= self.params.full * seen.calls * most.get() as f64;
        full && seen.spent >= self.params.busy * seen.had
    }
}
