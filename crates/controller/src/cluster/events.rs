//! The Events that people are told of. One that says the same of the same object again is counted
//! in the Event that is there. kube's recorder goes by the reason alone and would repeat the words
//! of the first one.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use jiff::Timestamp;
use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::events::v1::{Event, EventSeries};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use kube::api::{Api, ObjectMeta, Patch, PatchParams, PostParams};
use kube::runtime::events::EventType;
use kube::{Client, Error, Result};
use serde_json::json;

const REPORTER: &str = "tenantryd";

/// The API server refuses an Event with a longer note.
const NOTE_MAX_BYTES: usize = 1024;

/// Where the API server wants the Events of objects that are in no namespace.
const OF_CLUSTER: &str = "default";

/// Tells of something that happened to an object now.
pub(super) async fn publish(
    client: &Client,
    about: &ObjectReference,
    kind: EventType,
    reason: &str,
    note: &str,
) -> Result<()> {
    let namespace = about.namespace.as_deref().unwrap_or(OF_CLUSTER);
    let events: Api<Event> = Api::namespaced(client.clone(), namespace);
    let now = Timestamp::now();
    let event = event(about, kind, reason, note, now);
    match events.create(&PostParams::default(), &event).await {
        Err(Error::Api(status)) if status.is_already_exists() => {
            let name = event.metadata.name.unwrap_or_default();
            let known = events.get(&name).await?;
            let change = Patch::Merge(json!({"series": again(&known, now)}));
            let patched = events.patch(&name, &PatchParams::default(), &change).await;
            patched.map(drop)
        }
        created => created.map(drop),
    }
}

fn event(
    about: &ObjectReference,
    kind: EventType,
    reason: &str,
    note: &str,
    now: Timestamp,
) -> Event {
    let note = &note[..note.floor_char_boundary(NOTE_MAX_BYTES)];
    Event {
        metadata: ObjectMeta {
            name: Some(name(about, reason, note)),
            ..ObjectMeta::default()
        },
        type_: Some(format!("{kind:?}")),
        reason: Some(reason.to_owned()),
        note: Some(note.to_owned()),
        action: Some("Reconcile".to_owned()),
        regarding: Some(about.clone()),
        event_time: Some(MicroTime(now)),
        reporting_controller: Some(REPORTER.to_owned()),
        reporting_instance: Some(REPORTER.to_owned()),
        ..Event::default()
    }
}

/// What says the same of the same object has the same name.
fn name(about: &ObjectReference, reason: &str, note: &str) -> String {
    let mut said = DefaultHasher::new();
    (&about.uid, reason, note).hash(&mut said);
    let name = about.name.as_deref().unwrap_or(REPORTER);
    format!("{name}.{:016x}", said.finish())
}

/// How often `known` was told when it is told once more.
fn again(known: &Event, now: Timestamp) -> EventSeries {
    let times = known.series.as_ref().map_or(1, |series| series.count);
    EventSeries {
        count: times + 1,
        last_observed_time: MicroTime(now),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(uid: &str, note: &str) -> Event {
        let about = ObjectReference {
            name: Some("main".to_owned()),
            uid: Some(uid.to_owned()),
            ..ObjectReference::default()
        };
        let now = Timestamp::UNIX_EPOCH;
        event(&about, EventType::Warning, "TemplateLost", note, now)
    }

    #[test]
    fn other_words_and_other_objects_have_events_of_their_own() {
        let name = |uid, note| told(uid, note).metadata.name;
        assert_eq!(name("1", "a is lost"), name("1", "a is lost"));
        assert_ne!(name("1", "a is lost"), name("1", "b is lost"));
        assert_ne!(name("1", "a is lost"), name("2", "a is lost"));
    }

    #[test]
    fn what_is_told_again_is_counted() {
        let mut event = told("1", "a is lost");
        for times in 2..4 {
            event.series = Some(again(&event, Timestamp::UNIX_EPOCH));
            assert_eq!(event.series.as_ref().unwrap().count, times);
        }
    }

    #[test]
    fn a_note_is_cut_where_the_api_server_would_refuse_it_and_not_within_a_character() {
        let note = told("1", &"ä".repeat(1024)).note.unwrap();
        assert_eq!(note, "ä".repeat(512));
    }
}
