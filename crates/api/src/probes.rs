//! Whether the platform is ready: for load balancers (`grpc.health.v1`) and for the kubelet.

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use tenantry_proto::longrunning::operations_server;
use tenantry_proto::v1alpha1::tenant_service_server;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic_health::ServingStatus;
use tonic_health::pb::health_server::{Health, HealthServer};
use tonic_health::server::HealthReporter;

/// Services whose health is told. The first means the server as a whole.
const SERVICES: [&str; 3] = [
    "",
    tenant_service_server::SERVICE_NAME,
    operations_server::SERVICE_NAME,
];

/// Health of every service; it follows `ready` until `ended`, and is `NOT_SERVING` before and after.
pub(crate) async fn health(
    ready: watch::Receiver<bool>,
    ended: CancellationToken,
) -> HealthServer<impl Health> {
    let (reporter, server) = tonic_health::server::health_reporter();
    report(&reporter, *ready.borrow()).await;
    tokio::spawn(follow(reporter, ready, ended));
    server
}

async fn follow(
    reporter: HealthReporter,
    mut ready: watch::Receiver<bool>,
    ended: CancellationToken,
) {
    loop {
        let serving = *ready.borrow_and_update();
        report(&reporter, serving).await;
        tokio::select! {
            () = ended.cancelled() => break,
            changed = ready.changed() => if changed.is_err() { break },
        }
    }
    report(&reporter, false).await;
}

async fn report(reporter: &HealthReporter, serving: bool) {
    let status = if serving {
        ServingStatus::Serving
    } else {
        ServingStatus::NotServing
    };
    for service in SERVICES {
        reporter.set_service_status(service, status).await;
    }
}

/// `/healthz`: the process answers. `/readyz`: it is ready for calls.
pub(crate) fn router(ready: watch::Receiver<bool>) -> Router {
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(readiness))
        .with_state(ready)
}

async fn readiness(State(ready): State<watch::Receiver<bool>>) -> (StatusCode, &'static str) {
    if *ready.borrow() {
        (StatusCode::OK, "ready\n")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not ready\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonic::Request;
    use tonic_health::pb::HealthCheckRequest;
    use tonic_health::pb::health_check_response::ServingStatus as Answer;
    use tower::ServiceExt as _;

    async fn path(ready: &watch::Receiver<bool>, path: &str) -> StatusCode {
        let request = axum::extract::Request::builder()
            .uri(path)
            .body(axum::body::Body::empty())
            .unwrap();
        router(ready.clone())
            .oneshot(request)
            .await
            .unwrap()
            .status()
    }

    #[tokio::test]
    async fn readiness_follows_the_signal() {
        let (sender, ready) = watch::channel(false);
        assert_eq!(path(&ready, "/healthz").await, StatusCode::OK);
        assert_eq!(
            path(&ready, "/readyz").await,
            StatusCode::SERVICE_UNAVAILABLE
        );
        sender.send_replace(true);
        assert_eq!(path(&ready, "/readyz").await, StatusCode::OK);
    }

    async fn answers(health: &impl Health) -> Vec<i32> {
        let mut answers = Vec::new();
        for service in SERVICES {
            let service = service.to_owned();
            let request = Request::new(HealthCheckRequest { service });
            answers.push(health.check(request).await.unwrap().get_ref().status);
        }
        answers
    }

    #[tokio::test]
    async fn every_service_serves_only_while_the_platform_is_ready() {
        let (reporter, _) = tonic_health::server::health_reporter();
        let health = tonic_health::server::HealthService::from_health_reporter(reporter.clone());
        let (sender, ready) = watch::channel(false);
        let ended = CancellationToken::new();
        let following = tokio::spawn(follow(reporter, ready, ended.clone()));
        tokio::task::yield_now().await;
        assert_eq!(answers(&health).await, [i32::from(Answer::NotServing); 3]);
        sender.send_replace(true);
        tokio::task::yield_now().await;
        assert_eq!(answers(&health).await, [i32::from(Answer::Serving); 3]);
        ended.cancel();
        following.await.unwrap();
        assert_eq!(answers(&health).await, [i32::from(Answer::NotServing); 3]);
    }
}
