//! Digests of JSON values. The order of keys does not count.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::catalog::hex;

/// 16 hexadecimal digits: enough for the objects of a cluster, and short enough for people.
const DIGITS: usize = 16;

/// The digest of a value.
pub(super) fn of(value: &Value) -> String {
    let mut digest = Sha256::new();
    feed(&mut digest, value);
    hex(&digest.finalize(), DIGITS)
}

/// Each kind of value has a letter of its own and its length, so that no two values give the same bytes.
fn feed(digest: &mut Sha256, value: &Value) {
    let mut mark = |letter: u8, length: usize| {
        digest.update([letter]);
        digest.update((length as u64).to_be_bytes());
    };
    match value {
        Value::Array(items) => {
            mark(b'a', items.len());
            for item in items {
                feed(digest, item);
            }
        }
        Value::Object(map) => {
            mark(b'o', map.len());
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            for (key, value) in entries {
                feed(digest, &Value::from(key.as_str()));
                feed(digest, value);
            }
        }
        Value::String(text) => {
            mark(b's', text.len());
            digest.update(text);
        }
        plain => {
            let text = plain.to_string();
            mark(b'p', text.len());
            digest.update(text);
        }
    }
}
