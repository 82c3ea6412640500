//! The address of a service, which may hold a password and never shows it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use url::Url;

/// A text that is not the address of a service. The text may hold a password, so the error does not repeat it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an address like scheme://host:port")]
pub struct InvalidUrl;

/// An address as `scheme://user:password@host:port/path`. Shown and written without what is before the `@`.
#[derive(Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServiceUrl(Url);

impl ServiceUrl {
    /// An address written in this crate.
    pub(crate) fn standard(text: &'static str) -> Self {
        text.parse().expect("an address in the source is an address")
    }

    /// The whole address with user and password, for the client library only.
    pub fn expose(&self) -> &str {
        self.0.as_str()
    }

    /// Whether the address begins with `scheme://`.
    pub fn has_scheme(&self, scheme: &str) -> bool {
        self.0.scheme() == scheme
    }

    /// Host and port, for people.
    pub fn address(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        self.0.port_or_known_default().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }
}

impl FromStr for ServiceUrl {
    type Err = InvalidUrl;

    fn from_str(text: &str) -> Result<Self, InvalidUrl> {
        Url::parse(text).ok().filter(|url| url.host_str().is_some()).map(Self).ok_or(InvalidUrl)
    }
}

impl TryFrom<String> for ServiceUrl {
    type Error = InvalidUrl;

    fn try_from(text: String) -> Result<Self, InvalidUrl> {
        text.parse()
    }
}

impl From<ServiceUrl> for String {
    fn from(url: ServiceUrl) -> Self {
        url.to_string()
    }
}

impl fmt::Display for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.clone();
        shown.set_query(None);
        match shown.set_username("").and_then(|()| shown.set_password(None)) {
            Ok(()) => f.write_str(shown.as_str()),
            Err(()) => f.write_str(&self.address()),
        }
    }
}

impl fmt::Debug for ServiceUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServiceUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        let url: ServiceUrl = "amqp://user:hush@broker:5672/%2f?secret=hush".parse().unwrap();

        let shown = format!("{url} {url:?} {} {}", url.address(), serde_json::to_string(&url).unwrap());

        assert!(!shown.contains("hush") && !shown.contains("user"), "{shown}");
        assert!(url.expose().contains("user:hush@"));
        assert_eq!(url.address(), "broker:5672");
        assert_eq!(url.to_string(), "amqp://broker:5672/%2f");
    }

    #[test]
    fn what_is_no_address_is_refused_without_being_repeated() {
        for bad in ["", "broker:5672", "user:hush@broker", "amqp:///path"] {
            let refused = serde_json::from_value::<ServiceUrl>(bad.into()).unwrap_err();

            assert_eq!(refused.to_string(), InvalidUrl.to_string(), "{bad}");
        }
    }
}
