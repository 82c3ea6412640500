//! Identities: of documents, jobs and processing profiles.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A string that is not the hexadecimal form of an id.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is not an id of {1} hexadecimal digits")]
pub struct InvalidId(String, usize);

macro_rules! hash_id {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schemars(with = "String")]
        pub struct $name([u8; $bytes]);

        impl $name {
            /// The id made of these bytes.
            pub const fn from_bytes(bytes: [u8; $bytes]) -> Self {
                Self(bytes)
            }

            /// The id of `content`: the leading bytes of its SHA-256.
            pub fn of(content: &[u8]) -> Self {
                Self::from_digest(Sha256::digest(content).into())
            }

            /// The id whose SHA-256 has been computed already.
            pub fn from_digest(digest: [u8; 32]) -> Self {
                let mut bytes = [0; $bytes];
                bytes.copy_from_slice(&digest[..$bytes]);
                Self(bytes)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex::encode(self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let mut bytes = [0; $bytes];
                hex::decode_to_slice(text, &mut bytes).map_err(|_| InvalidId(text.to_owned(), 2 * $bytes))?;
                Ok(Self(bytes))
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    };
}

hash_id!(
    /// A document: the SHA-256 of the bytes of one PDF or image.
    DocumentId,
    32
);
hash_id!(
    /// A processing profile: the SHA-256 of the canonical options, model digests, renderer build and schema version.
    ProfileId,
    32
);
hash_id!(
    /// A job: one submission of one or many documents under one profile.
    JobId,
    16
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_its_text() {
        let id = DocumentId::of(b"quire");

        assert_eq!(id.to_string().parse(), Ok(id));
        assert!("xyz".parse::<DocumentId>().is_err());
    }
}
