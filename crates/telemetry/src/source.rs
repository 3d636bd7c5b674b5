//! What is looked up when the page is asked for: nothing has to be kept in step with what changes.

use std::fmt;
use std::sync::{Arc, OnceLock};

type Look<T> = Box<dyn Fn() -> T + Send + Sync>;

/// Who knows a value, once there is someone. A clone asks the same one.
pub(crate) struct Source<T>(Arc<OnceLock<Look<T>>>);

impl<T> Source<T> {
    /// Only the first counts: there is one cache, and one queue.
    pub(crate) fn set(&self, look: impl Fn() -> T + Send + Sync + 'static) {
        let _ = self.0.set(Box::new(look));
    }

    /// The value as it is now.
    pub(crate) fn get(&self) -> Option<T> {
        self.0.get().map(|look| look())
    }
}

impl<T> Default for Source<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T> Clone for Source<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> fmt::Debug for Source<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Source").finish_non_exhaustive()
    }
}
