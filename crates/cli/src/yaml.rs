//! YAML as Kubernetes means it: `no` is a word, `0755` is not a number, and a document that
//! explodes on reading is refused.

use serde_json::Value;

/// The documents in `text`, which may be JSON as well.
pub(crate) fn read(text: &str) -> Result<Vec<Value>, String> {
    let options = serde_yaml::options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
    };
    let documents: Vec<Value> =
        serde_yaml::from_multiple_with_options(text, options).map_err(|error| error.to_string())?;
    Ok(documents
        .into_iter()
        .filter(|document| !document.is_null())
        .collect())
}

/// The documents as YAML.
pub(crate) fn write(documents: &[Value]) -> Result<String, String> {
    let documents = documents
        .iter()
        .map(serde_yaml::to_string)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| error.to_string())?;
    Ok(documents.join("---\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn words_that_look_like_something_else_stay_words() {
        let read = read("a: no\nb: 0755\nc: on\nd: 1_000\ne: true\nf: 7\n").unwrap();
        let expected = json!({"a": "no", "b": "0755", "c": "on", "d": "1_000", "e": true, "f": 7});
        assert_eq!(read, [expected]);
    }

    #[test]
    fn what_is_written_is_read_back() {
        let documents = [
            json!({"a": "no", "b": "0755", "c": "true", "d": "a: b", "e": "#fff", "f": "", "g": "- x"}),
            json!({"list": ["1", "~", "null", "line\nbreak"], "map": {"k": [{"x": 1}]}}),
        ];
        assert_eq!(read(&write(&documents).unwrap()).unwrap(), documents);
    }

    #[test]
    fn empty_documents_are_skipped_and_json_is_read() {
        assert_eq!(read("---\n---\na: 1\n").unwrap(), [json!({"a": 1})]);
        assert_eq!(read("{\"a\": 1}").unwrap(), [json!({"a": 1})]);
        assert!(read("a: 1\na: 2\n").is_err());
    }
}
