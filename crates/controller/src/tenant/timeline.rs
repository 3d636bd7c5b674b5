//! The steps of a provisioning with their times. Pure.

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use tenantry_crd::StepStatus;
use tenantry_domain::Step;

/// Says that `step` began at `at`, unless it began before.
pub(super) fn begin(steps: &mut Vec<StepStatus>, step: Step, at: Timestamp) {
    if find(steps, step).is_none() {
        steps.push(StepStatus {
            step: step.as_str().to_owned(),
            start_time: MicroTime(at),
            end_time: None,
        });
    }
}

/// Says that `step` ended at `at`, if it began and has not ended before. It never ends before it
/// began.
pub(super) fn end(steps: &mut [StepStatus], step: Step, at: Timestamp) {
    if let Some(step) = steps.iter_mut().find(|status| status.step == step.as_str())
        && step.end_time.is_none()
    {
        step.end_time = Some(MicroTime(at.max(step.start_time.0)));
    }
}

/// When `step` began.
pub(super) fn started(steps: &[StepStatus], step: Step) -> Option<Timestamp> {
    find(steps, step).map(|step| step.start_time.0)
}

/// When `step` ended.
pub(super) fn ended(steps: &[StepStatus], step: Step) -> Option<Timestamp> {
    find(steps, step)
        .and_then(|step| step.end_time.as_ref())
        .map(|time| time.0)
}

fn find(steps: &[StepStatus], step: Step) -> Option<&StepStatus> {
    steps.iter().find(|status| status.step == step.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_step_begins_and_ends_once() {
        let mut steps = Vec::new();
        begin(&mut steps, Step::Accept, at(1));
        begin(&mut steps, Step::Accept, at(2));
        end(&mut steps, Step::Accept, at(3));
        end(&mut steps, Step::Accept, at(4));
        assert_eq!(started(&steps, Step::Accept), Some(at(1)));
        assert_eq!(ended(&steps, Step::Accept), Some(at(3)));
    }

    #[test]
    fn a_step_that_did_not_begin_does_not_end_and_none_ends_before_it_began() {
        let mut steps = Vec::new();
        end(&mut steps, Step::Serve, at(1));
        assert!(steps.is_empty());
        begin(&mut steps, Step::Serve, at(5));
        end(&mut steps, Step::Serve, at(4));
        assert_eq!(ended(&steps, Step::Serve), Some(at(5)));
    }
}
