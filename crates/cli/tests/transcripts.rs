//! The command as a process, as far as it goes without a platform.

use std::io::Write as _;
use std::process::{Command, Stdio};

/// Exit code, standard output and standard error.
#[expect(
    clippy::unwrap_used,
    reason = "a command that cannot be run fails the test"
)]
fn tenantry(arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tenantry"))
        .args(arguments)
        .env_remove("TENANTRY_ENDPOINT")
        .env_remove("TENANTRY_TOKEN")
        .env_remove("TENANTRY_CA")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // A program that reads nothing may have ended.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.code().unwrap(),
        text(output.stdout),
        text(output.stderr),
    )
}

const GOOD: &str = "
apiVersion: tenantry.dev/v1alpha1
kind: Tenant
metadata: {name: shop42, namespace: partner-acme}
spec:
  displayName: Shop 42
  isolation: {dedicated: {size: small}}
  blueprint: retail
  hostnames: [shop42.acme.example]
  administrator: {email: ana@acme.example}
";

#[test]
fn help_names_every_command() {
    let (code, output, _) = tenantry(&["--help"], "");
    assert_eq!(code, 0);
    for word in [
        "create",
        "describe",
        "get",
        "list",
        "suspend",
        "resume",
        "delete",
        "undelete",
        "TENANTRY_ENDPOINT",
        "Exit codes",
    ] {
        assert!(output.contains(word), "{output}");
    }
}

#[test]
fn wrong_usage_ends_with_2() {
    for arguments in [
        &["creat"][..],
        &["create"],
        &["create", "acme/shop42"],
        &["create", "acme/shop42", "-f", "x.yaml"],
        &["get", "shop42"],
        &["describe"],
        &["describe", "shop42"],
        &["list", "Acme"],
        &["delete"],
        &["suspend", "shop42"],
    ] {
        let (code, output, error) = tenantry(arguments, "");
        assert_eq!((code, output.as_str()), (2, ""), "{arguments:?}: {error}");
        assert!(!error.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_bad_document_is_refused_before_anything_is_sent() {
    let bad = GOOD.replace("email: ana@acme.example", "email: ana");
    let (code, output, error) = tenantry(&["create", "-f", "-"], &bad);
    assert_eq!((code, output.as_str()), (1, ""));
    assert_eq!(
        error,
        "error: refused here, before anything was sent\n  \
         document 1 (shop42): spec.administrator.email: \"ana\" does not match ^[^@\\s]+@[^@\\s]+$\n\
         nothing was created; mend it and try again\n"
    );
}

#[test]
fn bad_options_are_refused_before_anything_is_sent() {
    let (code, _, error) = tenantry(
        &[
            "create",
            "acme/shop42",
            "--blueprint",
            "retail",
            "--size",
            "small",
            "--hostname",
            "shop42.acme.example",
            "--email",
            "ana@acme.example",
            "--module",
            "contacts",
            "--module",
            "Sales",
            "--country",
            "France",
        ],
        "",
    );
    assert_eq!(code, 1, "{error}");
    for field in ["spec.modules[1]: ", "spec.country: "] {
        assert!(error.contains(field), "{error}");
    }
}

#[test]
fn without_a_token_nothing_is_sent() {
    let (code, _, error) = tenantry(&["create", "-f", "-"], GOOD);
    assert_eq!(code, 1);
    assert!(error.contains("TENANTRY_TOKEN"), "{error}");
}

#[test]
fn a_platform_that_is_away_ends_with_3() {
    for command in [&["create", "-f", "-"][..], &["describe", "acme/shop42"]] {
        let mut arguments = vec!["--endpoint", "http://127.0.0.1:1", "--token", "x"];
        arguments.extend(command);
        let (code, _, error) = tenantry(&arguments, GOOD);
        assert_eq!(code, 3, "{error}");
        assert!(error.contains("cannot reach http://127.0.0.1:1"), "{error}");
    }
}

#[test]
fn a_file_that_is_not_there_is_the_callers_fault() {
    let (code, _, error) = tenantry(&["create", "-f", "missing.yaml"], "");
    assert_eq!(code, 1);
    assert!(error.contains("cannot read missing.yaml"), "{error}");
}
