//! What we write into `COMMENT ON DATABASE` and `COMMENT ON ROLE`.
//!
//! Everybody who can log in can read these comments, so they hold opaque ids and never a customer's name.
//! Fields are only ever added; a reader ignores what it does not know, and refuses a higher version.

use serde::{Deserialize, Serialize};

const VERSION: u32 = 1;

/// How far a tenant's database came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Phase {
    /// Being cloned, or without an identity of its own: only we can connect, and what is there is thrown
    /// away and cloned again.
    Cloning,
    /// It has its identity and was handed to its tenant: never initialised again.
    Ready,
    /// A copy of it is being made before its release is changed: nobody can connect.
    Copying,
    /// Odoo of another release may change it. The copy is what it was before.
    Updating,
    /// It goes, and the copy takes its place.
    Reverting,
    /// It is a whole copy from before its release was changed: nobody can connect.
    Before,
    /// Being dropped, or what is left of a drop that was cut off.
    Dropping,
}

impl Phase {
    /// Whether the database was handed to its tenant, and its release is being changed.
    #[must_use]
    pub fn changes_release(self) -> bool {
        matches!(
            self,
            Self::Copying | Self::Updating | Self::Reverting | Self::Before
        )
    }
}

/// What a tenant's role and database say about themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TenantMark {
    v: u32,
    pub(crate) tenant_id: String,
    pub(crate) phase: Phase,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) template: Option<String>,
}

impl TenantMark {
    pub(crate) fn new(tenant_id: &str, phase: Phase, template: Option<&str>) -> Self {
        let template = template.map(ToOwned::to_owned);
        Self {
            v: VERSION,
            tenant_id: tenant_id.to_owned(),
            phase,
            template,
        }
    }

    /// Reads a comment; `None` means that it is not ours, or not this tenant's.
    pub(crate) fn read(comment: Option<&str>, tenant_id: &str) -> Option<Self> {
        let mark: Self = serde_json::from_str(comment?).ok()?;
        (mark.v == VERSION && mark.tenant_id == tenant_id).then_some(mark)
    }
}

/// How far a template came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TemplatePhase {
    Building,
    Sealed,
    Dropping,
}

/// What a template and its builder's role say about themselves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TemplateMark {
    v: u32,
    pub(crate) template: String,
    pub(crate) phase: TemplatePhase,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seal: Option<SealMark>,
}

/// What was found when a template was sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SealMark {
    pub(crate) modules: i64,
    pub(crate) bundles: i64,
    /// Seconds since 1970 on the server's clock.
    pub(crate) sealed_at: i64,
    /// The template's own `database.uuid`, which no clone may keep.
    pub(crate) uuid: String,
}

impl TemplateMark {
    pub(crate) fn new(template: &str, phase: TemplatePhase, seal: Option<SealMark>) -> Self {
        Self {
            v: VERSION,
            template: template.to_owned(),
            phase,
            seal,
        }
    }

    /// Reads a comment; `None` means that it is not ours, or not this template's.
    pub(crate) fn read(comment: Option<&str>, template: &str) -> Option<Self> {
        let mark: Self = serde_json::from_str(comment?).ok()?;
        (mark.v == VERSION && mark.template == template).then_some(mark)
    }
}

/// A mark as the text of a comment.
pub(crate) fn text(mark: &impl Serialize) -> String {
    serde_json::to_string(mark).expect("a mark holds only strings and numbers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mark_survives_the_round_trip() {
        let mark = TenantMark::new("a1", Phase::Cloning, Some("base"));
        let text = text(&mark);
        assert_eq!(
            text,
            r#"{"v":1,"tenantId":"a1","phase":"Cloning","template":"base"}"#
        );
        assert_eq!(TenantMark::read(Some(&text), "a1"), Some(mark));
    }

    #[test]
    fn foreign_comments_are_not_ours() {
        let other = text(&TenantMark::new("b2", Phase::Ready, None));
        let later = r#"{"v":2,"tenantId":"a1","phase":"Ready"}"#;
        let template = text(&TemplateMark::new("a1", TemplatePhase::Sealed, None));
        for comment in ["", "my database", "{}", &other, later, &template] {
            assert_eq!(TenantMark::read(Some(comment), "a1"), None, "{comment}");
        }
        assert_eq!(TenantMark::read(None, "a1"), None);
    }

    #[test]
    fn fields_of_a_later_writer_are_ignored() {
        let comment = r#"{"v":1,"tenantId":"a1","phase":"Ready","region":"eu"}"#;
        assert_eq!(
            TenantMark::read(Some(comment), "a1").map(|m| m.phase),
            Some(Phase::Ready)
        );
    }
}
