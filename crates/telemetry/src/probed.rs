//! What a request for a tenant's login page was answered with, in words.

/// What came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probed {
    /// The login page.
    LoginPage,
    /// No connection to the ingress.
    ConnectFailed,
    /// No TLS, or no certificate that browsers accept.
    TlsRefused,
    /// The end of the connection.
    ConnectionBroke,
    /// More than a page can have, or not all of it.
    BodyUnreadable,
    /// Nothing in time.
    TimedOut,
    /// Another status than 200.
    StatusNotOk,
    /// Another page.
    NoLoginForm,
}

impl Probed {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::LoginPage,
        Self::ConnectFailed,
        Self::TlsRefused,
        Self::ConnectionBroke,
        Self::BodyUnreadable,
        Self::TimedOut,
        Self::StatusNotOk,
        Self::NoLoginForm,
    ];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LoginPage => "LoginPage",
            Self::ConnectFailed => "ConnectFailed",
            Self::TlsRefused => "TlsRefused",
            Self::ConnectionBroke => "ConnectionBroke",
            Self::BodyUnreadable => "BodyUnreadable",
            Self::TimedOut => "TimedOut",
            Self::StatusNotOk => "StatusNotOk",
            Self::NoLoginForm => "NoLoginForm",
        }
    }
}
