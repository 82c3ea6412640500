//! The objects of one bucket, and the uploads that are not objects yet.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use bytes::Bytes;

/// An object and its version, which is its entity tag.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) body: Bytes,
    pub(super) version: String,
    pub(super) modified: SystemTime,
}

/// What must be true of the object that a write replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    /// Nothing.
    None,
    /// There is none.
    Absent,
    /// It has this version.
    Version(String),
}

/// The objects. All calls are short and none waits.
#[derive(Debug, Default)]
pub(super) struct Objects(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    objects: BTreeMap<String, Object>,
    uploads: HashMap<String, Upload>,
    /// Counts versions and uploads.
    clock: u64,
}

#[derive(Debug)]
struct Upload {
    key: String,
    begun: SystemTime,
    parts: BTreeMap<i32, Bytes>,
}

impl Objects {
    pub(super) fn get(&self, key: &str) -> Option<Object> {
        self.lock().objects.get(key).cloned()
    }

    /// Writes if `condition` holds; returns the new version.
    pub(super) fn put(&self, key: String, body: Bytes, condition: &Condition) -> Option<String> {
        self.lock().put(key, body, condition)
    }

    pub(super) fn delete(&self, key: &str) {
        self.lock().objects.remove(key);
    }

    /// The first `limit` objects below `prefix` and after `after`, and whether there are more.
    pub(super) fn list(&self, prefix: &str, after: &str, limit: usize) -> (Vec<(String, Object)>, bool) {
        let state = self.lock();
        let from = if after < prefix { Bound::Included(prefix) } else { Bound::Excluded(after) };
        let all = state.objects.range::<str, _>((from, Bound::Unbounded));
        let mut below = all.take_while(|(key, _)| key.starts_with(prefix));
        let page = below.by_ref().take(limit).map(|(key, object)| (key.clone(), object.clone())).collect();
        (page, below.next().is_some())
    }

    pub(super) fn begin_upload(&self, key: String) -> String {
        let mut state = self.lock();
        let id = state.tick();
        state.uploads.insert(id.clone(), Upload { key, begun: SystemTime::now(), parts: BTreeMap::new() });
        id
    }

    /// Whether there is such an upload.
    pub(super) fn add_part(&self, upload: &str, number: i32, body: Bytes) -> bool {
        match self.lock().uploads.get_mut(upload) {
            Some(upload) => {
                upload.parts.insert(number, body);
                true
            }
            None => false,
        }
    }

    /// Makes an object of the parts `numbers`. `None` when there is no such upload, `Some(None)` when `condition` does
    /// not hold.
    pub(super) fn complete(
        &self,
        upload: &str,
        numbers: &[i32],
        condition: &Condition,
    ) -> Option<Option<String>> {
        let mut state = self.lock();
        let parts = state.uploads.get(upload)?;
        let (key, mut body) = (parts.key.clone(), Vec::new());
        for number in numbers {
            body.extend_from_slice(parts.parts.get(number)?);
        }
        let version = state.put(key, Bytes::from(body), condition);
        if version.is_some() {
            state.uploads.remove(upload);
        }
        Some(version)
    }

    /// Whether there was such an upload.
    pub(super) fn abort(&self, upload: &str) -> bool {
        self.lock().uploads.remove(upload).is_some()
    }

    pub(super) fn count_ending(&self, ending: &str) -> usize {
        self.lock().objects.keys().filter(|key| key.ends_with(ending)).count()
    }

    /// Key, name and begin of each upload that is no object.
    pub(super) fn uploads(&self) -> Vec<(String, String, SystemTime)> {
        let state = self.lock();
        let named = state.uploads.iter();
        named.map(|(id, upload)| (upload.key.clone(), id.clone(), upload.begun)).collect()
    }

    pub(super) fn unfinished_uploads(&self) -> usize {
        self.lock().uploads.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tick(&mut self) -> String {
        self.clock += 1;
        format!("{:016x}", self.clock)
    }

    fn put(&mut self, key: String, body: Bytes, condition: &Condition) -> Option<String> {
        let found = self.objects.get(&key);
        let holds = match condition {
            Condition::None => true,
            Condition::Absent => found.is_none(),
            Condition::Version(version) => found.is_some_and(|object| object.version == *version),
        };
        if !holds {
            return None;
        }
        let version = self.tick();
        self.objects.insert(key, Object { body, version: version.clone(), modified: SystemTime::now() });
        Some(version)
    }
}
