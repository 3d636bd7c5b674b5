//! The page of metrics, on a listener of its own: who may see it is not who may call.

use axum::Router;
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use tenantry_telemetry::Metrics;

/// `/metrics`: everything that was recorded, for Prometheus.
pub(crate) fn router(metrics: Metrics) -> Router {
    Router::new()
        .route("/metrics", get(page))
        .with_state(metrics)
}

async fn page(State(metrics): State<Metrics>) -> impl IntoResponse {
    let kind = [(CONTENT_TYPE, tenantry_telemetry::CONTENT_TYPE)];
    (kind, metrics.page())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{Request, Response};
    use http_body_util::{BodyExt as _, Empty};
    use tower::{Layer as _, Service as _, ServiceExt as _, service_fn};

    use crate::telemetry::Telemetry;

    async fn get(metrics: &Metrics, path: &str) -> (u16, String) {
        let request = Request::get(path).body(axum::body::Body::empty()).unwrap();
        let answer = router(metrics.clone()).oneshot(request).await.unwrap();
        let status = answer.status().as_u16();
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8_lossy(&body).into_owned())
    }

    async fn call(metrics: &Metrics, path: &str, answer: tonic::Status) {
        let inner = service_fn(move |_: Request<Empty<&[u8]>>| {
            let answer: Response<tonic::body::Body> = answer.clone().into_http();
            async { Ok::<_, std::convert::Infallible>(answer) }
        });
        let request = Request::post(path).body(Empty::new()).unwrap();
        let mut service = Telemetry::new(metrics.clone()).layer(inner);
        service.call(request).await.unwrap();
    }

    #[tokio::test]
    async fn calls_are_counted_by_method_and_code_and_by_nothing_a_caller_makes_up() {
        let metrics = Metrics::default();
        let path = "/tenantry.v1alpha1.TenantService/GetTenant";
        call(&metrics, path, tonic::Status::not_found("there is no acme")).await;
        call(&metrics, "/acme", tonic::Status::unauthenticated("")).await;
        let (status, page) = get(&metrics, "/metrics").await;
        assert_eq!(status, 200);
        let method = "tenantry.v1alpha1.TenantService/GetTenant";
        for line in [
            &format!(r#"tenantry_calls_total{{method="{method}",code="NotFound"}} 1"#),
            r#"tenantry_calls_total{method="Other",code="Unauthenticated"} 1"#,
        ] {
            assert!(page.lines().any(|it| it == line), "{line} in\n{page}");
        }
        assert!(!page.contains("acme"), "{page}");
    }

    #[tokio::test]
    async fn there_is_nothing_else_on_that_listener() {
        let metrics = Metrics::default();
        for path in ["/", "/healthz", "/readyz"] {
            assert_eq!(get(&metrics, path).await.0, 404, "{path}");
        }
    }
}
