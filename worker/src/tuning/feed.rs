//! Render children: as many as have something to do.
//!
//! Nothing is tried here, because what is needed can be seen: children that always draw while pages wait hold up the
//! rest, and children that seldom draw are not needed. More than are needed would take cores and memory from the
//! networks; fewer would let them wait.

use super::{
    setting::{Ladder, Setting},
    window::Window,
};

/// When the number changes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Params {
    /// Children hold up the rest when they draw for this share of the time while pages wait … Default 0.85.
    pub(crate) busy: f64,
    /// … in so many windows in a row; then there are twice as many. Default 3.
    pub(crate) pressed: u32,
    /// Children are enough when they draw for this share of the time at most … Default 0.6.
    pub(crate) idle: f64,
    /// … in so many windows in a row; then there are so few. Default 12: three seconds.
    pub(crate) calm: u32,
    /// Windows for which none is taken away after one was added. Default 1200: five minutes.
    pub(crate) rest: u32,
    /// Children that stay, unless memory is short: one slow page must not hold up all others. Default 2.
    pub(crate) least: usize,
    /// Share of the memory above which pages proved too large for so many children. Default 1.1.
    pub(crate) memory: f64,
    /// Windows for which none is added after that. Default 40: ten seconds.
    pub(crate) short: u32,
}

impl Default for Params {
    fn default() -> Self {
        Self { busy: 0.85, pressed: 3, idle: 0.6, calm: 12, rest: 1200, least: 2, memory: 1.1, short: 40 }
    }
}

/// The number of children, and what the last windows said about it.
#[derive(Debug)]
pub(super) struct Feed {
    rungs: Vec<Setting>,
    at: usize,
    params: Params,
    /// Windows in a row in which the children held up the rest.
    pressed: u32,
    /// Windows since the most that was drawn at once was looked at, and that.
    calm: u32,
    drawn: f64,
    /// Windows until a child may be taken away.
    rest: u32,
    /// Windows until a child may be added.
    short: u32,
}

impl Feed {
    pub(super) fn new(ladder: Ladder, params: Params) -> Self {
        let Ladder { rungs, start, .. } = ladder;
        Self { rungs, at: start, params, pressed: 0, calm: 0, drawn: 0.0, rest: 0, short: 0 }
    }

    pub(super) fn setting(&self) -> Option<Setting> {
        self.rungs.get(self.at).copied()
    }

    pub(super) fn see(&mut self, window: &Window) {
        self.rest = self.rest.saturating_sub(1);
        self.short = self.short.saturating_sub(1);
        if window.memory > self.params.memory {
            self.short = self.params.short;
            self.go(self.at.saturating_sub(1));
        } else if self.are_too_few(window) {
            self.rest = self.params.rest;
            self.go(self.at + 1);
        } else if let Some(enough) = self.enough(window) {
            self.go(enough);
        }
    }

    fn go(&mut self, to: usize) {
        self.at = to.min(self.rungs.len().saturating_sub(1));
        (self.pressed, self.calm, self.drawn) = (0, 0, 0.0);
    }

    fn are_too_few(&mut self, window: &Window) -> bool {
        let allowed = self.children(self.at) as f64;
        let busy = window.rendering.drawing >= self.params.busy * allowed * window.seconds;
        self.pressed = if busy && window.rendering.waited_for { self.pressed + 1 } else { 0 };
        let may = self.short == 0 && self.at + 1 < self.rungs.len();
        may && self.pressed >= self.params.pressed
    }

    /// The rung below this one that has been enough for a while.
    fn enough(&mut self, window: &Window) -> Option<usize> {
        // When nothing is read, nothing is known.
        if window.rendering.pages == 0.0 {
            return None;
        }
        self.calm += 1;
        self.drawn = self.drawn.max(window.rendering.drawing / window.seconds);
        if self.calm < self.params.calm {
            return None;
        }
        let needed = (self.drawn / self.params.idle).max(self.params.least as f64);
        (self.calm, self.drawn) = (0, 0.0);
        let enough = (0..self.at).find(|rung| self.children(*rung) as f64 >= needed);
        enough.filter(|_| self.rest == 0)
    }

    fn children(&self, rung: usize) -> usize {
        match self.rungs.get(rung) {
            Some(Setting::Children(count)) => count.get(),
            _ => 0,
        }
    }
}
