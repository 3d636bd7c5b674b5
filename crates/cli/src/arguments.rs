//! What the command line accepts. The reference page is made from this file, so it uses nothing
//! but clap and the standard library, and never shows what the environment says.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Creates, reads, stops and deletes tenants: customer environments with a running Odoo.
#[derive(Parser, Debug)]
#[command(
    name = "tenantry",
    version,
    after_help = "Exit codes: 0 done, 1 refused or failed for a reason that the caller can mend, \
                  2 wrong usage, 3 the platform did not answer, failed, or has to be mended itself."
)]
pub(crate) struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
    /// How the platform is reached.
    #[command(flatten)]
    pub(crate) connection: ConnectionArguments,
}

/// How the platform is reached.
#[derive(Args, Debug)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArguments {
    /// Address of the API, such as `https://api.example.com`.
    #[arg(
        long,
        global = true,
        env = "TENANTRY_ENDPOINT",
        hide_env_values = true,
        value_name = "URL",
        default_value = "http://127.0.0.1:8443"
    )]
    pub(crate) endpoint: String,
    /// Token of the caller. Better given by the environment: arguments are seen by other users.
    #[arg(
        long,
        global = true,
        env = "TENANTRY_TOKEN",
        value_name = "TOKEN",
        hide_env_values = true
    )]
    pub(crate) token: Option<String>,
    /// File with the certificates (PEM) of the authority that signed the API's certificate.
    #[arg(
        long,
        global = true,
        env = "TENANTRY_CA",
        hide_env_values = true,
        value_name = "FILE"
    )]
    pub(crate) ca: Option<PathBuf>,
}

/// What to do.
#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Create tenants, and follow them until they serve.
    Create(Box<CreateArguments>),
    /// Tell how one tenant stands: what is wrong, who acts, and what happens next.
    Describe(DescribeArguments),
    /// Show one tenant.
    Get(GetArguments),
    /// Show the tenants of a partner, or all.
    List(ListArguments),
    /// Stop a tenant and keep all that it has; its hostnames show a parking page.
    Suspend(ChangeArguments),
    /// Start a suspended tenant again.
    Resume(ChangeArguments),
    /// Stop a tenant, and purge it with all that it has after a while.
    Delete(ChangeArguments),
    /// Bring back a deleted tenant that was not purged yet.
    Undelete(ChangeArguments),
}

/// Of `create`.
#[derive(Args, Debug)]
#[command(override_usage = "tenantry create [OPTIONS] --file <FILE>\n       \
                      tenantry create [OPTIONS] <PARTNER/NAME> --blueprint <BLUEPRINT> \
                      --size <SIZE> --hostname <HOSTNAME> --email <EMAIL>")]
pub(crate) struct CreateArguments {
    /// The tenant, when it is described by options and not by a file.
    #[arg(
        value_name = "PARTNER/NAME",
        conflicts_with = "file",
        required_unless_present = "file"
    )]
    pub(crate) tenant: Option<String>,
    /// File with Tenant documents in YAML or JSON, as kubectl takes them; `-` reads them from
    /// standard input.
    #[arg(short, long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Follow the tenants until they serve. This is the default.
    #[arg(long, overrides_with = "no_wait")]
    pub(crate) wait: bool,
    /// Return as soon as the tenants are accepted.
    #[arg(long, overrides_with = "wait")]
    pub(crate) no_wait: bool,
    /// How many seconds to follow a tenant at most.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub(crate) timeout: u64,
    /// Make all checks, here and on the platform, and create nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// What the tenant is like.
    #[command(flatten)]
    pub(crate) tenant_options: TenantOptions,
}

/// What a tenant is like, when no file says it.
#[derive(Args, Debug)]
#[command(next_help_heading = "Tenant, when there is no file")]
pub(crate) struct TenantOptions {
    /// The Blueprint it is built by.
    #[arg(long, conflicts_with = "file", required_unless_present = "file")]
    pub(crate) blueprint: Option<String>,
    /// One of the blueprint's sizes.
    #[arg(long, conflicts_with = "file", required_unless_present = "file")]
    pub(crate) size: Option<String>,
    /// Where it is reached. May be repeated; the first is its address.
    #[arg(long, conflicts_with = "file", required_unless_present = "file")]
    pub(crate) hostname: Vec<String>,
    /// E-mail address of its administrator.
    #[arg(long, conflicts_with = "file", required_unless_present = "file")]
    pub(crate) email: Option<String>,
    /// Login of its administrator; the e-mail address when left out.
    #[arg(long, conflicts_with = "file")]
    pub(crate) login: Option<String>,
    /// Name of the customer, shown to people; the tenant's name when left out.
    #[arg(long, conflicts_with = "file")]
    pub(crate) display_name: Option<String>,
    /// The blueprint's channel whose release it begins with.
    #[arg(long, conflicts_with = "file")]
    pub(crate) channel: Option<String>,
    /// The Release it runs; the channel's when left out.
    #[arg(long, conflicts_with = "file")]
    pub(crate) release: Option<String>,
    /// An Odoo module that it has beside those of its blueprint, by its technical name. May be
    /// repeated.
    #[arg(long, conflicts_with = "file")]
    pub(crate) module: Vec<String>,
    /// Odoo language code such as `fr_FR`.
    #[arg(long, conflicts_with = "file")]
    pub(crate) language: Option<String>,
    /// ISO 3166 country code such as `FR`.
    #[arg(long, conflicts_with = "file")]
    pub(crate) country: Option<String>,
    /// IANA time zone such as `Europe/Paris`.
    #[arg(long, conflicts_with = "file")]
    pub(crate) timezone: Option<String>,
}

/// Of `describe`.
#[derive(Args, Debug)]
pub(crate) struct DescribeArguments {
    /// The tenant.
    #[arg(value_name = "PARTNER/NAME")]
    pub(crate) tenant: String,
}

/// Of `get`.
#[derive(Args, Debug)]
pub(crate) struct GetArguments {
    /// The tenant.
    #[arg(value_name = "PARTNER/NAME")]
    pub(crate) tenant: String,
    /// How to show it.
    #[arg(short, long, value_enum, default_value_t = Output::Table)]
    pub(crate) output: Output,
}

/// Of `list`.
#[derive(Args, Debug)]
pub(crate) struct ListArguments {
    /// The partner; all partners when left out.
    #[arg(value_name = "PARTNER")]
    pub(crate) partner: Option<String>,
    /// How to show them.
    #[arg(short, long, value_enum, default_value_t = Output::Table)]
    pub(crate) output: Output,
}

/// Of `suspend`, `resume`, `delete` and `undelete`.
#[derive(Args, Debug)]
pub(crate) struct ChangeArguments {
    /// The tenant.
    #[arg(value_name = "PARTNER/NAME")]
    pub(crate) tenant: String,
    /// Change the tenant only if this is its etag.
    #[arg(long, value_name = "ETAG")]
    pub(crate) etag: Option<String>,
    /// Return as soon as the change is accepted.
    #[arg(long)]
    pub(crate) no_wait: bool,
    /// How many seconds to wait at most until the change is made.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub(crate) timeout: u64,
}

/// How tenants are shown.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Output {
    /// One line per tenant.
    Table,
    /// The same with more columns.
    Wide,
    /// JSON documents, as `create -f` and kubectl take them.
    Json,
    /// YAML documents, as `create -f` and kubectl take them.
    Yaml,
}
