//! How well a child is confined, as it reports at its start.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What confines a render child on this system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxLevel {
    /// Memory, time, descriptors, core dumps and written bytes are limited.
    pub limits: bool,
    /// The child can gain no privileges.
    pub no_new_privileges: bool,
    /// No file system and no TCP.
    pub landlock: Landlock,
    /// Only the system calls that rendering needs.
    pub seccomp: bool,
}

/// How far Landlock confines a child.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Landlock {
    /// Files and TCP are closed.
    Full,
    /// The kernel knows only some of what was asked for.
    Partial,
    /// The kernel has no Landlock, or it is switched off.
    Absent,
}

impl SandboxLevel {
    /// Whether every layer is in force, as [`SandboxPolicy::Require`](crate::SandboxPolicy::Require) asks.
    pub fn is_full(&self) -> bool {
        self.limits && self.no_new_privileges && self.seccomp && self.landlock != Landlock::Absent
    }
}

impl fmt::Display for SandboxLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on = |yes| if yes { "yes" } else { "no" };
        let landlock = match self.landlock {
            Landlock::Full => "full",
            Landlock::Partial => "partial",
            Landlock::Absent => "absent",
        };
        write!(
            f,
            "limits {}, no new privileges {}, landlock {landlock}, seccomp {}",
            on(self.limits),
            on(self.no_new_privileges),
            on(self.seccomp)
        )
    }
}
