//! What the process says to the shell at its end.

/// Exit codes, the same for every subcommand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All pages done: 0.
    Done,
    /// Anything that has no code of its own, an interruption included: 1.
    Other,
    /// Wrong arguments: 2.
    Usage,
    /// Some pages or documents failed; the rest is there: 3.
    Partial,
    /// The input cannot be used: 4.
    Unusable,
}

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Other => 1,
            Self::Usage => 2,
            Self::Partial => 3,
            Self::Unusable => 4,
        }
    }
}
