//! Objects of which a part stays as it was rendered first, for as long as it is rendered for the
//! same thing: a new version of Tenantry that renders pods differently restarts nobody.
//!
//! The part is kept as text beside itself, because what was edited by hand has to be told from what
//! was rendered by an older version, and mended to what that version said.

use serde_json::{Value, json};
use tenantry_crd::labels;

use crate::object::{Object, short_hash};

/// A part that stays, and the annotations that say how it was rendered and what for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    /// Where it is in the manifest, as a JSON pointer.
    at: &'static str,
    kept: &'static str,
    rendered_for: &'static str,
}

impl Part {
    /// Pods.
    pub(crate) const POD: Self = Self {
        at: "/spec/template",
        kept: labels::KEPT,
        rendered_for: labels::RENDERED_FOR,
    };
    /// What pods read.
    pub(crate) const DATA: Self = Self {
        at: "/data",
        ..Self::POD
    };
    /// The volumes of a StatefulSet. Kubernetes refuses to change them.
    pub(crate) const VOLUMES: Self = Self {
        at: "/spec/volumeClaimTemplates",
        kept: labels::KEPT_VOLUMES,
        rendered_for: labels::VOLUMES_RENDERED_FOR,
    };
}

impl Object {
    /// The same object, of which `part` stays as it is rendered now until it is rendered for
    /// something else than `purpose`.
    pub(crate) fn keeping(mut self, part: Part, purpose: &Value) -> Self {
        let text = self.manifest.pointer(part.at).map(Value::to_string);
        let text = text.unwrap_or_default();
        self.annotate(part.rendered_for, &short_hash(&purpose.to_string()));
        self.annotate(part.kept, &format!("{} {text}", short_hash(&text)));
        self.kept.push(part);
        self.sealed()
    }

    /// The object as it should be where `existing` is: rendered for the same purpose, that keeps
    /// the parts that stay.
    #[must_use]
    pub fn in_place_of(&self, existing: &Value) -> Self {
        let parts = self.kept.iter();
        parts.fold(self.clone(), |object, part| object.with(part, existing))
    }

    /// The same object with the part as `existing` keeps it.
    fn with(mut self, part: &Part, existing: &Value) -> Self {
        let annotation = |manifest: &Value, name: &str| -> Option<String> {
            let text = &manifest["metadata"]["annotations"][name];
            text.as_str().map(str::to_owned)
        };
        let purpose = annotation(existing, part.rendered_for);
        let is_same = purpose == annotation(&self.manifest, part.rendered_for);
        let kept = annotation(existing, part.kept).filter(|_| is_same);
        if let Some(kept) = kept
            && let Some(value) = whole(&kept)
            && let Some(place) = self.manifest.pointer_mut(part.at)
        {
            *place = value;
            self.annotate(part.kept, &kept);
            return self.sealed();
        }
        self
    }

    /// The same object, of which nothing stays.
    #[must_use]
    pub fn anew(mut self) -> Self {
        self.kept.clear();
        self
    }

    fn annotate(&mut self, name: &str, value: &str) {
        self.manifest["metadata"]["annotations"][name] = json!(value);
    }
}

/// The part, unless somebody edited the text by hand.
fn whole(kept: &str) -> Option<Value> {
    let (hash, text) = kept.split_once(' ')?;
    (hash == short_hash(text)).then(|| serde_json::from_str(text).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::object::{Kind, Labels};

    /// A workload as one version of Tenantry renders it.
    fn rendered(replicas: u32, image: &str, probe: u32, purpose: &str) -> Object {
        let owner: Labels = vec![(labels::PARTNER, "acme".to_owned())];
        let template = json!({"image": image, "probe": probe});
        let body = json!({"spec": {"replicas": replicas, "template": template}});
        Object::new(Kind::Deployment, Some("n"), "odoo", &owner, body)
            .keeping(Part::POD, &json!(purpose))
    }

    fn part(object: &Object) -> &Value {
        &object.manifest()["spec"]["template"]
    }

    #[test]
    fn another_rendering_for_the_same_purpose_keeps_the_part_and_changes_the_rest() {
        let older = rendered(1, "a", 1, "small");
        let newer = rendered(0, "a", 2, "small").in_place_of(older.manifest());
        assert_eq!(part(&newer), part(&older));
        assert_eq!(newer.manifest()["spec"]["replicas"], 0);
    }

    #[test]
    fn an_older_rendering_that_is_kept_is_no_difference() {
        let older = rendered(1, "a", 1, "small");
        let newer = rendered(1, "a", 2, "small").in_place_of(older.manifest());
        assert_eq!(newer.manifest(), older.manifest());
    }

    #[test]
    fn another_purpose_has_it_rendered_anew() {
        let older = rendered(1, "a", 1, "small");
        let newer = rendered(1, "b", 2, "large");
        let written = newer.in_place_of(older.manifest());
        assert_eq!(written.manifest(), newer.manifest());
    }

    #[test]
    fn what_was_edited_by_hand_becomes_what_the_older_version_said() {
        let older = rendered(1, "a", 1, "small");
        let mut edited = older.manifest().clone();
        edited["spec"]["template"]["image"] = json!("evil");
        let newer = rendered(1, "a", 2, "small").in_place_of(&edited);
        assert_eq!(newer.manifest(), older.manifest());
    }

    #[test]
    fn a_kept_part_that_was_edited_by_hand_is_not_believed() {
        let older = rendered(1, "a", 1, "small");
        let newer = rendered(1, "a", 2, "small");
        let mut edited = older.manifest().clone();
        let kept = edited["metadata"]["annotations"][labels::KEPT]
            .as_str()
            .unwrap();
        let kept = kept.replace("\"a\"", "\"evil\"");
        for text in [kept.as_str(), "", "nonsense", "0000 {"] {
            edited["metadata"]["annotations"][labels::KEPT] = json!(text);
            let written = newer.in_place_of(&edited);
            assert_eq!(written.manifest(), newer.manifest(), "{text}");
        }
    }

    #[test]
    fn an_object_from_before_parts_were_kept_is_rendered_anew() {
        let newer = rendered(1, "a", 2, "small");
        let existing = json!({"metadata": {}, "spec": {"template": {"image": "a", "probe": 1}}});
        assert_eq!(newer.in_place_of(&existing).manifest(), newer.manifest());
        let older = rendered(1, "a", 1, "small");
        let written = newer.clone().anew().in_place_of(older.manifest());
        assert_eq!(written.manifest(), newer.manifest());
    }

    /// A StatefulSet whose pod and volumes are rendered for something of their own.
    fn stateful(image: &str, probe: u32, class: &str, storage: &str) -> Object {
        let owner: Labels = vec![(labels::PARTNER, "acme".to_owned())];
        let body = json!({"spec": {
            "template": {"image": image, "probe": probe},
            "volumeClaimTemplates": [{"class": class, "storage": storage}],
        }});
        Object::new(Kind::StatefulSet, Some("n"), "db", &owner, body)
            .keeping(Part::POD, &json!(image))
            .keeping(Part::VOLUMES, &json!(storage))
    }

    #[test]
    fn each_part_stays_for_a_purpose_of_its_own() {
        let older = stateful("a", 1, "slow", "1Gi");
        let same = stateful("a", 2, "fast", "1Gi").in_place_of(older.manifest());
        assert_eq!(same.manifest(), older.manifest());
        let written = stateful("b", 2, "fast", "1Gi").in_place_of(older.manifest());
        assert_eq!(part(&written), &json!({"image": "b", "probe": 2}));
        let volumes = &written.manifest()["spec"]["volumeClaimTemplates"];
        assert_eq!(volumes[0]["class"], "slow");
    }
}
