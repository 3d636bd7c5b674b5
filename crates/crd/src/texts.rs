//! Texts that several kinds have: names and amounts, with the rules of the domain for them as
//! patterns and CEL. What is stored can be read.

use kube::core::Rule;
use tenantry_domain::ResourceName;

/// The name of an object of ours. How long it may be depends on the kind.
pub(crate) const NAME: &str = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$";

/// The technical name of an Odoo module.
pub(crate) const MODULE: &str = "^[a-z][a-z0-9_]*$";

/// An amount of processor time.
pub(crate) const CPU: &str = "^[1-9][0-9]{0,8}m?$";

/// An amount of memory or storage.
pub(crate) const BYTES: &str = "^[1-9][0-9]{0,8}(Mi|Gi|Ti)$";

/// How the objects of a kind are called: `whose` are the words for one of them.
pub(crate) fn named(whose: &str, maximum: usize) -> Rule {
    let message = format!(
        "{whose} name has at most {maximum} lower-case letters, digits and single hyphens, and \
         begins with a letter"
    );
    let rule =
        format!("size(self.metadata.name) <= {maximum} && self.metadata.name.matches('{NAME}')");
    Rule::new(rule).message(message.as_str())
}

/// Names in a map that others choose from: they can be as long as a choice.
pub(crate) fn choices() -> Rule {
    let maximum = ResourceName::MAX_LENGTH;
    let message = format!("a name has at most {maximum} characters");
    Rule::new(format!("self.all(name, size(name) <= {maximum})")).message(message.as_str())
}

/// How Kubernetes stores an amount. It would take another notation, store this one, and what we
/// wrote would differ from what is there for ever.
pub(crate) fn shortest() -> Rule {
    Rule::new(
        "self.endsWith('i') ? int(self.substring(0, size(self) - 2)) % 1024 != 0 : \
         !self.matches('000m?$')",
    )
    .message("write the shortest form of an amount: 1 and not 1000m, 1Gi and not 1024Mi")
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tenantry_domain::Quantity;

    use crate::{DatabaseServer, Release};

    fn release(name: &str) -> Release {
        serde_json::from_value(json!({
            "apiVersion": "tenantry.dev/v1alpha1",
            "kind": "Release",
            "metadata": {"name": name},
            "spec": {
                "odooVersion": "19.0",
                "image": format!("odoo@sha256:{}", "0".repeat(64)),
                "contract": {"command": ["odoo"], "uid": 1, "gid": 1, "dataDirectory": "/data"},
            },
        }))
        .unwrap()
    }

    #[test]
    fn a_name_that_is_stored_is_a_name_of_the_domain() {
        let (longest, longer) = ("a".repeat(40), "a".repeat(41));
        for name in [
            "a",
            "odoo-19",
            "a1-b2-c3",
            &longest,
            &longer,
            "odoo-19.0",
            "odoo--19",
            "odoo-",
            "-odoo",
            "19-odoo",
            "Odoo",
            "ödoo",
        ] {
            let release = release(name);
            assert_eq!(
                release.validate_cel().is_ok(),
                release.facts().is_ok(),
                "{name}"
            );
        }
    }

    /// Whether the rules take `amount` as a server's `field`.
    fn is_taken(field: &str, amount: &str) -> bool {
        let mut managed = json!({
            "storage": "1Gi", "cpu": "1", "memory": "1Gi", "maxConnections": 100,
        });
        managed[field] = json!(amount);
        let server: DatabaseServer = serde_json::from_value(json!({
            "apiVersion": "tenantry.dev/v1alpha1",
            "kind": "DatabaseServer",
            "metadata": {"name": "main"},
            "spec": {"managed": managed},
        }))
        .unwrap();
        server.validate_cel().is_ok()
    }

    #[test]
    fn an_amount_that_is_stored_is_an_amount_of_the_domain() {
        let cpu =
            ["1", "64", "250m", "1500m", "1000m", "12000m", "1000", "10"].map(|it| ("cpu", it));
        let memory = [
            "512Mi",
            "1536Mi",
            "1Gi",
            "1000Gi",
            "2Ti",
            "1024Mi",
            "2048Gi",
            "1024Ti",
            "1048576Mi",
        ]
        .map(|it| ("memory", it));
        for (field, text) in cpu.into_iter().chain(memory) {
            assert_eq!(
                is_taken(field, text),
                text.parse::<Quantity>().is_ok(),
                "{text}"
            );
        }
    }
}
