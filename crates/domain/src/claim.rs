//! A hostname answers for one tenant only.

use crate::{Hostname, Reason, TenantKey, Violation};

/// What is said to `tenant`, which asks for the hostname at `index` of its spec, while `holder`
/// has it. What another partner has is not told.
#[must_use]
pub fn hostname_taken(
    tenant: &TenantKey,
    index: usize,
    hostname: &Hostname,
    holder: &TenantKey,
) -> Violation {
    let message = if holder.partner == tenant.partner {
        format!(
            "{hostname} belongs to the tenant {}; name another, or take it from there first",
            holder.name
        )
    } else {
        format!("{hostname} is taken; name another")
    };
    Violation {
        field: format!("spec.hostnames[{index}]"),
        reason: Reason::new("HostnameTaken"),
        message,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(holder: &str) -> String {
        let tenant = "partners/acme/tenants/shop42".parse().unwrap();
        let hostname = "shop.acme.example".parse().unwrap();
        hostname_taken(&tenant, 1, &hostname, &holder.parse().unwrap()).to_string()
    }

    #[test]
    fn a_partner_hears_which_tenant_of_its_own_has_a_hostname() {
        let told = message("partners/acme/tenants/shop41");
        assert!(told.starts_with("spec.hostnames[1]: shop.acme.example belongs to"));
        assert!(told.contains("tenant shop41;"), "{told}");
    }

    #[test]
    fn a_partner_hears_nothing_of_the_tenants_of_others() {
        let told = message("partners/globex/tenants/secret-project");
        assert!(
            !told.contains("globex") && !told.contains("secret"),
            "{told}"
        );
        assert!(told.contains("is taken"), "{told}");
    }
}
