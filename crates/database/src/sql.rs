//! Quoting for statements that take no parameters (everything about roles and databases).

/// Quotes an identifier, whatever it contains.
pub(crate) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Quotes a text literal, independent of `standard_conforming_strings`.
pub(crate) fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if text.contains('\\') {
        return format!(" E'{}'", quoted.replace('\\', "\\\\"));
    }
    format!("'{quoted}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_cannot_end_early() {
        assert_eq!(identifier("t_a"), r#""t_a""#);
        assert_eq!(identifier(r#"a"; DROP"#), r#""a""; DROP""#);
    }

    #[test]
    fn literals_cannot_end_early() {
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal(r"\'"), r" E'\\'''");
    }
}
