//! A call that is safe to repeat, and the operation that it began: how often and how long the
//! platform is asked.

use std::time::Duration;

use tenantry_proto::longrunning::{Operation, WaitOperationRequest};
use tokio::time::{Instant, sleep};
use tonic::{Code, Response, Status};
use tonic_types::StatusExt as _;

/// How often a call is sent before the platform counts as away. The request id makes it safe.
const ATTEMPTS: u32 = 3;
/// How long one call waits; what is shown of an operation is shown anew after each.
const TURN: Duration = Duration::from_millis(500);
/// How long the platform may be away during an operation before that is an error.
const AWAY: Duration = Duration::from_secs(30);

/// The answer to a call, which is sent once more when that may help.
pub(crate) async fn answered<T>(
    mut call: impl AsyncFnMut() -> Result<Response<T>, Status>,
) -> Result<T, Status> {
    let mut attempt = 1;
    loop {
        match call().await {
            Ok(response) => return Ok(response.into_inner()),
            Err(status) if may_pass(&status) && attempt < ATTEMPTS => {
                sleep(Duration::from_secs(attempt.into())).await;
                attempt += 1;
            }
            Err(status) => return Err(status),
        }
    }
}

/// Whether the same call may have another answer in a moment.
fn may_pass(status: &Status) -> bool {
    let details = status.get_error_details();
    let reason = details.error_info().map(|info| info.reason.as_str());
    status.code() == Code::Unavailable || reason == Some("TENANT_BUSY")
}

/// The operation once it is done, or as it was when `patience` ended. `show` is given every state
/// that is seen of it.
pub(crate) async fn wait(
    mut operation: Operation,
    patience: Duration,
    mut ask: impl AsyncFnMut(WaitOperationRequest) -> Result<Response<Operation>, Status>,
    mut show: impl FnMut(&Operation),
) -> Result<Operation, Status> {
    let deadline = Instant::now() + patience;
    let mut answered = Instant::now();
    loop {
        show(&operation);
        let left = deadline.saturating_duration_since(Instant::now());
        if operation.done || left.is_zero() {
            return Ok(operation);
        }
        let request = WaitOperationRequest {
            name: operation.name.clone(),
            timeout: Some(left.min(TURN).into()),
        };
        match ask(request).await {
            Ok(response) => {
                answered = Instant::now();
                operation = response.into_inner();
            }
            Err(status) if status.code() == Code::Unavailable && answered.elapsed() < AWAY => {
                sleep(TURN).await;
            }
            Err(status) => return Err(status),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use tonic_types::ErrorDetails;

    const PATIENCE: Duration = Duration::from_mins(10);

    fn away() -> Status {
        Status::unavailable("away")
    }

    fn begun() -> Operation {
        Operation {
            name: "operations/1".into(),
            ..Operation::default()
        }
    }

    fn done() -> Operation {
        Operation {
            done: true,
            ..begun()
        }
    }

    /// How often a call is sent that is always answered with `status`.
    async fn sent(status: Status) -> u32 {
        let calls = Cell::new(0);
        let call = async || {
            calls.set(calls.get() + 1);
            Err::<Response<()>, _>(status.clone())
        };
        assert_eq!(answered(call).await.unwrap_err().code(), status.code());
        calls.get()
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_is_repeated_only_where_that_may_help() {
        let aborted = |reason: &str| {
            let details = ErrorDetails::with_error_info(reason, "tenantry.dev", []);
            Status::with_error_details(Code::Aborted, "aborted", details)
        };
        assert_eq!(sent(away()).await, ATTEMPTS);
        assert_eq!(sent(aborted("TENANT_BUSY")).await, ATTEMPTS);
        assert_eq!(sent(aborted("ETAG_MISMATCH")).await, 1);
        assert_eq!(sent(Status::already_exists("there")).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn an_operation_survives_a_platform_that_is_away_for_a_moment() {
        let calls = Cell::new(0);
        let ask = async |request: WaitOperationRequest| {
            assert_eq!(request.name, "operations/1");
            calls.set(calls.get() + 1);
            match calls.get() {
                20 => Ok(Response::new(begun())),
                ..40 => Err(away()),
                _ => Ok(Response::new(done())),
            }
        };
        let mut shown = 0;
        let ended = wait(begun(), PATIENCE, ask, |_| shown += 1).await;
        assert!(ended.unwrap().done);
        assert_eq!(shown, calls.get() + 1);
    }

    #[tokio::test(start_paused = true)]
    async fn a_platform_that_stays_away_is_told() {
        let began = Instant::now();
        let ended = wait(begun(), PATIENCE, async |_| Err(away()), |_| ()).await;
        assert_eq!(ended.unwrap_err().code(), Code::Unavailable);
        assert!(began.elapsed() < AWAY + 2 * TURN, "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_not_done_in_time_is_had_as_it_is() {
        let began = Instant::now();
        let ask = async |request: WaitOperationRequest| {
            let timeout = request.timeout.unwrap_or_default();
            sleep(timeout.try_into().unwrap_or_default()).await;
            Ok(Response::new(begun()))
        };
        let patience = Duration::from_millis(1_700);
        let ended = wait(begun(), patience, ask, |_| ()).await;
        assert!(!ended.unwrap().done);
        assert_eq!(began.elapsed().as_millis() / 10, 170);
    }
}
