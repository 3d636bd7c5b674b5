//! How long the object has waited that waits longest. A wait is counted when it ends; what never
//! comes to its turn is seen here.

use std::fmt;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;

use crate::source::Source;
use crate::table::QUEUE_OLDEST_SECONDS;

/// Who knows it, for each kind.
#[derive(Debug, Clone, Default)]
pub(crate) struct Oldest(pub(crate) Source<Vec<(&'static str, Duration)>>);

impl Collector for Oldest {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let Some(oldest) = self.0.get() else {
            return Ok(());
        };
        let gauges = Family::<[(&'static str, &'static str); 1], Gauge<f64, AtomicU64>>::default();
        for (kind, waited) in oldest {
            let gauge = gauges.get_or_create(&[("kind", kind)]);
            gauge.set(waited.as_secs_f64());
        }
        let row = &QUEUE_OLDEST_SECONDS;
        let help = format!("{}.", row.help);
        gauges.encode(encoder.encode_descriptor(row.name, &help, None, gauges.metric_type())?)
    }
}
