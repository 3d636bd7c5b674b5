//! Who refused an object of ours, read from the API server's words. Pure.
//!
//! The same words come in the answer to a write and, when a `ReplicaSet` could not make its pod, in
//! the condition `ReplicaFailure` of a Deployment.

use crate::words::settled;

/// Who refused an object, and in which words. The object's own name is not among them: a pod's
/// differs at each attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) reason: &'static str,
    pub(crate) words: String,
}

/// How each of them begins what it says.
const BEGINNINGS: [(&str, &str); 7] = [
    ("exceeded quota: ", "QuotaExceeded"),
    ("failed quota: ", "QuotaExceeded"),
    (
        "unable to create new content in namespace",
        "NamespaceTerminating",
    ),
    ("failed calling webhook ", "AdmissionUnavailable"),
    ("admission webhook ", "AdmissionRefused"),
    ("ValidatingAdmissionPolicy ", "AdmissionRefused"),
    ("violates PodSecurity ", "AdmissionRefused"),
];

/// Who speaks in `text`; nobody that is known when it is the API server itself.
pub(crate) fn read(text: &str) -> Option<Refusal> {
    BEGINNINGS.iter().find_map(|&(beginning, reason)| {
        let (_, rest) = text.split_once(beginning)?;
        Some(Refusal {
            reason,
            words: settled(&uncounted(&format!("{beginning}{rest}"))),
        })
    })
}

/// A quota's words without what is used of it at the moment, which others change all the time.
fn uncounted(words: &str) -> String {
    let parts: Vec<&str> = words
        .split(", ")
        .filter(|part| !part.starts_with("used: "))
        .collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_that_refuses_is_told_in_its_own_words_without_the_pods_name() {
        for (text, reason, words) in [
            (
                "pods \"odoo-7f6c9d5b8-x4k2p\" is forbidden: exceeded quota: tiny, requested: \
                 requests.memory=512Mi, used: requests.memory=0, limited: requests.memory=128Mi",
                "QuotaExceeded",
                "exceeded quota: tiny, requested: requests.memory=512Mi, \
                 limited: requests.memory=128Mi",
            ),
            (
                "pods \"odoo-7f6c9d5b8-x4k2p\" is forbidden: failed quota: tiny: must specify \
                 limits.cpu for: odoo",
                "QuotaExceeded",
                "failed quota: tiny: must specify limits.cpu for: odoo",
            ),
            (
                "admission webhook \"validate.kyverno.svc-fail\" denied the request: no such \
                 registry",
                "AdmissionRefused",
                "admission webhook \"validate.kyverno.svc-fail\" denied the request: no such \
                 registry",
            ),
            (
                "deployments.apps \"odoo\" is forbidden: ValidatingAdmissionPolicy 'freeze' with \
                 binding 'freeze-all' denied request: nothing changes this week",
                "AdmissionRefused",
                "ValidatingAdmissionPolicy 'freeze' with binding 'freeze-all' denied request: \
                 nothing changes this week",
            ),
            (
                "pods \"odoo-1\" is forbidden: violates PodSecurity \"restricted:latest\": \
                 runAsNonRoot != true",
                "AdmissionRefused",
                "violates PodSecurity \"restricted:latest\": runAsNonRoot != true",
            ),
            (
                "Internal error occurred: failed calling webhook \"w.example\": failed to call \
                 webhook: Post \"https://w.ns.svc:443/?timeout=10s\": dial tcp 10.96.0.9:443: \
                 connect: connection refused",
                "AdmissionUnavailable",
                "failed calling webhook \"w.example\": failed to call webhook: Post \
                 \"https://w.ns.svc:443/?timeout=10s\": dial tcp 10.96.0.9:443: connect: \
                 connection refused",
            ),
            (
                "configmaps \"branding\" is forbidden: unable to create new content in namespace \
                 tenant-acme--shop because it is being terminated",
                "NamespaceTerminating",
                "unable to create new content in namespace tenant-acme--shop because it is being \
                 terminated",
            ),
        ] {
            let refusal = read(text).unwrap();
            assert_eq!((refusal.reason, refusal.words.as_str()), (reason, words));
        }
    }

    #[test]
    fn the_api_servers_own_refusals_are_nobody_elses() {
        for text in [
            "deployments.apps is forbidden: User \"x\" cannot patch resource",
            "Deployment.apps \"odoo\" is invalid: spec.replicas: must be positive",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
