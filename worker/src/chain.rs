//! An error with its causes on one line: for logs, and for the records of failed pages.

use std::{error::Error, fmt, iter::successors};

/// Displays an error and, each after a colon, what caused it.
pub struct Chain<'a>(pub &'a (dyn Error + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut causes = successors(self.0.source(), |error| (*error).source());
        causes.try_for_each(|cause| write!(f, ": {cause}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Outer(#[source] fmt::Error);

    #[test]
    fn causes_follow_their_effect() {
        assert_eq!(Chain(&Outer(fmt::Error)).to_string(), format!("outer: {}", fmt::Error));
    }
}
