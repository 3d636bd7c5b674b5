//! Objects of which a part stays as it was rendered first, for as long as it is rendered for the
//! same thing: a new version of Tenantry that renders pods differently restarts nobody.
//!
//! The part is kept as text beside itself, because what was edited by hand has to be told from what
//! was rendered by an older version, and mended to what that version said.

use serde_json::{Value, json};
use tenantry_crd::labels;

use crate::object::{Object, short_hash};

impl Object {
    /// The same object, of which what is at `part` (a JSON pointer) stays as it is rendered now
    /// until it is rendered for something else than `purpose`.
    pub(crate) fn keeping(mut self, part: &'static str, purpose: &Value) -> Self {
        let text = self.manifest.pointer(part).map(Value::to_string);
        let text = text.unwrap_or_default();
        self.annotate(labels::RENDERED_FOR, &short_hash(&purpose.to_string()));
        self.annotate(labels::KEPT, &format!("{} {text}", short_hash(&text)));
        self.kept = Some(part);
        self.sealed()
    }

    /// The object as it should be where `existing` is: rendered for the same purpose, that keeps
    /// the part that stays.
    #[must_use]
    pub fn in_place_of(&self, existing: &Value) -> Self {
        let mut object = self.clone();
        let annotation = |manifest: &Value, name: &str| -> Option<String> {
            let text = &manifest["metadata"]["annotations"][name];
            text.as_str().map(str::to_owned)
        };
        let same_purpose = annotation(existing, labels::RENDERED_FOR)
            == annotation(&self.manifest, labels::RENDERED_FOR);
        let Some(part) = self.kept.filter(|_| same_purpose) else {
            return object;
        };
        let Some(kept) = annotation(existing, labels::KEPT) else {
            return object;
        };
        if let Some(value) = whole(&kept)
            && let Some(place) = object.manifest.pointer_mut(part)
        {
            *place = value;
            object.annotate(labels::KEPT, &kept);
            return object.sealed();
        }
        object
    }

    /// The same object, of which nothing stays.
    #[must_use]
    pub fn anew(mut self) -> Self {
        self.kept = None;
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

    const PART: &str = "/spec/template";

    /// A workload as one version of Tenantry renders it.
    fn rendered(replicas: u32, image: &str, probe: u32, purpose: &str) -> Object {
        let owner: Labels = vec![(labels::PARTNER, "acme".to_owned())];
        let template = json!({"image": image, "probe": probe});
        let body = json!({"spec": {"replicas": replicas, "template": template}});
        Object::new(Kind::Deployment, Some("n"), "odoo", &owner, body)
            .keeping(PART, &json!(purpose))
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
}
