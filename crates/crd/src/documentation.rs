//! What `kubectl explain` says of a kind: for every field its own documentation, and for one that
//! takes a word, what each word means.
//!
//! The derive leaves out what the words of an enumeration mean, and puts the enumeration's
//! documentation in place of an optional field's own, where the default is told.

use std::fmt::Write as _;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};
use kube::CustomResourceExt;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The CRD of `K`, documented whole.
pub(crate) fn documented<K: CustomResourceExt + JsonSchema>() -> CustomResourceDefinition {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let source = settings.into_generator().into_root_schema_for::<K>();
    let mut crd = K::crd();
    for version in &mut crd.spec.versions {
        let validation = version.schema.as_mut();
        if let Some(shown) = validation.and_then(|it| it.open_api_v3_schema.as_mut()) {
            document(shown, source.as_value());
        }
    }
    crd
}

/// Gives `shown`, and all below it, the documentation that `source` has.
fn document(shown: &mut JSONSchemaProps, source: &Value) {
    let value = without_null(source);
    let own = [source, value].map(|schema| schema["description"].as_str());
    if let Some(text) = own.into_iter().flatten().next() {
        shown.description = Some(unwrapped(text) + &words(value));
    }
    for (name, field) in shown.properties.iter_mut().flatten() {
        document(field, &value["properties"][name.as_str()]);
    }
    if let Some(JSONSchemaPropsOrArray::Schema(item)) = &mut shown.items {
        document(item, &value["items"]);
    }
    if let Some(JSONSchemaPropsOrBool::Schema(item)) = &mut shown.additional_properties {
        document(item, &value["additionalProperties"]);
    }
}

/// What the field has when it has something.
fn without_null(schema: &Value) -> &Value {
    let choices = schema["anyOf"].as_array().into_iter().flatten();
    let mut present = choices.filter(|choice| choice["type"] != "null");
    present.next().unwrap_or(schema)
}

/// The words that the field takes, a line for each.
fn words(schema: &Value) -> String {
    let mut text = String::new();
    for word in schema["oneOf"].as_array().into_iter().flatten() {
        if let (Some(name), Some(meaning)) = (word["const"].as_str(), word["description"].as_str())
        {
            let gap = if text.is_empty() { "\n\n" } else { "\n" };
            let meaning = unwrapped(meaning);
            // Writing to a string cannot fail.
            _ = write!(text, "{gap}`{name}`: {meaning}");
        }
    }
    text
}

/// The text with a line for each paragraph: whoever shows it breaks lines where it has to.
fn unwrapped(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|paragraph| {
        let words: Vec<_> = paragraph.split_whitespace().collect();
        words.join(" ")
    });
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Tenant, all};

    /// Every field of every kind by its path, the kinds themselves among them.
    fn fields() -> Vec<(String, JSONSchemaProps)> {
        let mut found = Vec::new();
        for crd in all() {
            let schema = crd.spec.versions[0].schema.clone();
            let root = schema.and_then(|schema| schema.open_api_v3_schema).unwrap();
            walk(root, crd.spec.names.kind, &mut found);
        }
        found
    }

    fn walk(schema: JSONSchemaProps, path: String, found: &mut Vec<(String, JSONSchemaProps)>) {
        for (name, field) in schema.properties.clone().unwrap_or_default() {
            walk(field, format!("{path}.{name}"), found);
        }
        if let Some(JSONSchemaPropsOrArray::Schema(item)) = schema.items.clone() {
            walk(*item, format!("{path}[]"), found);
        }
        if let Some(JSONSchemaPropsOrBool::Schema(item)) = schema.additional_properties.clone() {
            walk(*item, format!("{path}.<key>"), found);
        }
        found.push((path, schema));
    }

    fn described(path: &str) -> String {
        let mut fields = fields().into_iter();
        let (_, field) = fields.find(|(found, _)| found == path).unwrap();
        field.description.unwrap()
    }

    #[test]
    fn every_kind_says_what_it_is_for_and_what_is_said_in_it() {
        for crd in all() {
            let kind = crd.spec.names.kind;
            let (whole, spec) = (described(&kind), described(&format!("{kind}.spec")));
            assert!(!whole.contains("Auto-generated"), "{kind}: {whole}");
            assert_ne!(whole, spec, "{kind}");
        }
    }

    #[test]
    fn every_field_that_takes_a_word_says_what_each_word_means() {
        let fields = fields();
        let choices: Vec<_> = fields
            .iter()
            .filter_map(|(path, field)| Some((path, field, field.enum_.as_ref()?)))
            .collect();
        assert!(choices.len() > 8, "{choices:?}");
        for (path, field, words) in choices {
            let text = field.description.as_deref().unwrap();
            for word in words {
                let line = format!("\n`{}`: ", word.0.as_str().unwrap());
                assert!(text.contains(&line), "{path} does not say {word:?}: {text}");
            }
        }
    }

    #[test]
    fn an_optional_field_keeps_its_own_words_and_its_default() {
        assert_eq!(
            described("Tenant.spec.deletion.protection"),
            "Whether deletion is refused, by every door; `Disabled` when left out.\n\n\
             `Enabled`: The tenant cannot be deleted.\n\
             `Disabled`: The tenant can be deleted."
        );
    }

    #[test]
    fn a_paragraph_is_one_line() {
        assert_eq!(unwrapped("one\ntwo\n\nthree"), "one two\n\nthree");
        let release = described("Tenant.spec.release");
        assert!(!release.contains('\n'), "{release}");
    }

    #[test]
    fn nothing_but_descriptions_is_another() {
        let plain = |mut crd: CustomResourceDefinition| {
            let schema = crd.spec.versions[0].schema.as_mut().unwrap();
            clear(schema.open_api_v3_schema.as_mut().unwrap());
            crd
        };
        assert_eq!(plain(documented::<Tenant>()), plain(Tenant::crd()));
    }

    fn clear(schema: &mut JSONSchemaProps) {
        schema.description = None;
        schema
            .properties
            .iter_mut()
            .flatten()
            .for_each(|(_, field)| clear(field));
        if let Some(JSONSchemaPropsOrArray::Schema(item)) = &mut schema.items {
            clear(item);
        }
    }
}
