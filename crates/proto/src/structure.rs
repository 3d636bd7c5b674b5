//! Structure as the API server judges it with strict validation: types, required and unknown
//! fields, lengths, patterns, bounds, words. CEL rules are judged elsewhere.

use regex::Regex;
use serde_json::{Map, Value};

/// What the structure of a value breaks: the field's path, and the rule.
pub(crate) type Violations = Vec<(String, String)>;

/// Everything that `value` breaks of `schema`, the `openAPIV3Schema` of a CRD. `path` is the
/// value's own.
pub(crate) fn check(schema: &Value, value: &Value, path: &str, violations: &mut Violations) {
    if value.is_null() && schema["nullable"] == true {
        return;
    }
    let expected = schema["type"].as_str().unwrap_or_default();
    if !has_type(expected, value) {
        let message = format!("must be {}, not {}", article(expected), kind(value));
        violations.push((path.to_owned(), message));
        return;
    }
    if let Some(message) = words(schema, value) {
        violations.push((path.to_owned(), message));
    }
    match value {
        Value::Object(members) => object(schema, members, path, violations),
        Value::Array(items) => array(schema, items, path, violations),
        Value::String(text) => string(schema, text, path, violations),
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or_default();
            bounds(
                schema,
                ["minimum", "maximum"],
                number,
                "is",
                path,
                violations,
            );
        }
        Value::Null | Value::Bool(_) => {}
    }
}

fn has_type(expected: &str, value: &Value) -> bool {
    match expected {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        _ => true,
    }
}

fn article(expected: &str) -> String {
    match expected {
        "object" | "array" | "integer" => format!("an {expected}"),
        _ => format!("a {expected}"),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

fn words(schema: &Value, value: &Value) -> Option<String> {
    let words = schema["enum"].as_array()?;
    (!words.contains(value)).then(|| {
        let words: Vec<_> = words.iter().map(ToString::to_string).collect();
        format!("{value} is not one of {}", words.join(", "))
    })
}

fn object(schema: &Value, members: &Map<String, Value>, path: &str, violations: &mut Violations) {
    let required = schema["required"].as_array().into_iter().flatten();
    for name in required.filter_map(Value::as_str) {
        if !members.contains_key(name) {
            violations.push((join(path, name), "is required".to_owned()));
        }
    }
    let more = &schema["additionalProperties"];
    for (name, value) in members {
        let member = &schema["properties"][name];
        if member.is_object() {
            check(member, value, &join(path, name), violations);
        } else if more.is_object() {
            check(more, value, &join(path, name), violations);
        } else if schema["properties"].is_object() {
            violations.push((join(path, name), "is not a field of ours".to_owned()));
        }
    }
}

fn array(schema: &Value, items: &[Value], path: &str, violations: &mut Violations) {
    let length = as_number(items.len());
    bounds(
        schema,
        ["minItems", "maxItems"],
        length,
        "items:",
        path,
        violations,
    );
    for (index, item) in items.iter().enumerate() {
        check(
            &schema["items"],
            item,
            &format!("{path}[{index}]"),
            violations,
        );
    }
    if schema["x-kubernetes-list-type"] == "set" {
        for (index, item) in items.iter().enumerate() {
            if items[..index].contains(item) {
                violations.push((format!("{path}[{index}]"), format!("{item} is there twice")));
            }
        }
    }
}

fn string(schema: &Value, text: &str, path: &str, violations: &mut Violations) {
    let length = as_number(text.chars().count());
    bounds(
        schema,
        ["minLength", "maxLength"],
        length,
        "characters:",
        path,
        violations,
    );
    if let Some(pattern) = schema["pattern"].as_str() {
        // A pattern that cannot be read is not judged here; the API server judges it again.
        if Regex::new(pattern).is_ok_and(|regex| !regex.is_match(text)) {
            violations.push((
                path.to_owned(),
                format!("{text:?} does not match {pattern}"),
            ));
        }
    }
}

fn bounds(
    schema: &Value,
    [minimum, maximum]: [&str; 2],
    number: f64,
    what: &str,
    path: &str,
    violations: &mut Violations,
) {
    if let Some(minimum) = schema[minimum].as_f64().filter(|minimum| number < *minimum) {
        violations.push((
            path.to_owned(),
            format!("{what} {number}, at least {minimum} is needed"),
        ));
    }
    if let Some(maximum) = schema[maximum].as_f64().filter(|maximum| number > *maximum) {
        violations.push((
            path.to_owned(),
            format!("{what} {number}, at most {maximum} is allowed"),
        ));
    }
}

fn as_number(length: usize) -> f64 {
    u32::try_from(length).map_or(f64::INFINITY, f64::from)
}

fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn paths(schema: &Value, value: &Value) -> Vec<String> {
        let mut violations = Vec::new();
        check(schema, value, "", &mut violations);
        violations.into_iter().map(|(path, _)| path).collect()
    }

    #[test]
    fn every_rule_of_structure_is_judged() {
        let schema = json!({
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": {"type": "string", "minLength": 2, "maxLength": 3, "pattern": "^[a-z]+$"},
                "kind": {"type": "string", "enum": ["A", "B"], "nullable": true},
                "size": {"type": "integer", "minimum": 1, "maximum": 9},
                "hosts": {
                    "type": "array", "maxItems": 2, "x-kubernetes-list-type": "set",
                    "items": {"type": "string"}
                },
                "more": {"type": "object", "additionalProperties": {"type": "boolean"}}
            }
        });
        let good = json!({
            "name": "ab", "kind": null, "size": 9, "hosts": ["a", "b"], "more": {"x": true}
        });
        assert_eq!(paths(&schema, &good), Vec::<String>::new());
        for (bad, expected) in [
            (json!({}), vec!["name"]),
            (json!({"name": "a"}), vec!["name"]),
            (json!({"name": "abcd"}), vec!["name"]),
            (json!({"name": "AB"}), vec!["name"]),
            (json!({"name": 1}), vec!["name"]),
            (json!({"name": null}), vec!["name"]),
            (json!({"name": "ab", "kind": "C"}), vec!["kind"]),
            (json!({"name": "ab", "size": 0}), vec!["size"]),
            (json!({"name": "ab", "size": 1.5}), vec!["size"]),
            (json!({"name": "ab", "hosts": ["a", "a"]}), vec!["hosts[1]"]),
            (
                json!({"name": "ab", "hosts": ["a", "b", "c"]}),
                vec!["hosts"],
            ),
            (json!({"name": "ab", "hosts": [1]}), vec!["hosts[0]"]),
            (json!({"name": "ab", "more": {"x": "y"}}), vec!["more.x"]),
            (json!({"name": "ab", "nmae": "ab"}), vec!["nmae"]),
            (json!([]), vec![""]),
        ] {
            assert_eq!(paths(&schema, &bad), expected, "{bad}");
        }
    }
}
