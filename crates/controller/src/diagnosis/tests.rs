//! Status documents as Kubernetes 1.35 writes them, and what is told of each.

use serde_json::json;

use super::*;

const IMAGE: &str = "registry.example/odoo@sha256:aaaa";

fn pod(name: &str, status: &Value) -> Arc<Pod> {
    let pod = json!({
        "metadata": {
            "name": format!("odoo-7f6c9d5b8-{name}"),
            "creationTimestamp": "2026-11-22T22:00:00Z",
        },
        "status": status,
    });
    Arc::new(serde_json::from_value(pod).unwrap())
}

/// A pod whose container is in `state`, after `before`.
fn container(state: &Value, before: &Value) -> Arc<Pod> {
    pod(
        "x4k2p",
        &json!({
            "phase": "Pending",
            "conditions": [
                {"type": "PodScheduled", "status": "True"},
                {"type": "Ready", "status": "False", "reason": "ContainersNotReady"},
            ],
            "containerStatuses": [{
                "name": "odoo", "image": IMAGE, "imageID": "", "ready": false, "restartCount": 3,
                "started": false, "state": state, "lastState": before,
            }],
        }),
    )
}

fn waiting(reason: &str, message: &str) -> Arc<Pod> {
    container(
        &json!({"waiting": {"reason": reason, "message": message}}),
        &json!({}),
    )
}

fn unschedulable(message: &str) -> Arc<Pod> {
    pod(
        "x4k2p",
        &json!({"phase": "Pending", "conditions": [{
            "type": "PodScheduled", "status": "False", "reason": "Unschedulable",
            "message": message,
        }]}),
    )
}

fn ended(code: i32, reason: &str, message: Option<&str>) -> Value {
    json!({"terminated": {
        "exitCode": code, "reason": reason, "message": message,
        "startedAt": "2026-11-22T22:43:01Z", "finishedAt": "2026-11-22T22:43:02Z",
    }})
}

fn deployment(message: &str) -> Value {
    json!({"conditions": [
        {"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"},
        {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message},
    ]})
}

fn with_pod(pod: &Arc<Pod>) -> Diagnosis {
    of_workload(&Sight {
        deployment: &Value::Null,
        pods: std::slice::from_ref(pod),
        volume: None,
        said_of_volume: None,
    })
}

fn with_deployment(status: &Value) -> Diagnosis {
    of_workload(&Sight {
        deployment: status,
        pods: &[],
        volume: None,
        said_of_volume: None,
    })
}

fn with_volume(claim: &DynamicObject, said: Option<&str>) -> Diagnosis {
    of_workload(&Sight {
        deployment: &Value::Null,
        pods: &[],
        volume: Some(claim),
        said_of_volume: said,
    })
}

#[test]
fn each_sickness_of_a_pod_has_its_reason_and_its_cause_in_words() {
    let not_found = "failed to resolve reference \"registry.example/odoo@sha256:aaaa\": not found";
    let back_off = format!("Back-off pulling image \"{IMAGE}\": ErrImagePull: {not_found}");
    let start_error = "exec: \"odoo\": executable file not found in $PATH";
    let running = json!({"running": {"startedAt": "2026-11-22T22:43:01Z"}});
    let none = json!({});
    for (pod, reason, what) in [
        (
            waiting("ErrImagePull", not_found),
            "ImageNotPulled",
            format!("image {IMAGE} cannot be pulled: {not_found}"),
        ),
        (
            waiting("ImagePullBackOff", &back_off),
            "ImageNotPulled",
            format!("image {IMAGE} cannot be pulled: {not_found}"),
        ),
        (
            waiting("InvalidImageName", "Failed to apply default image tag \"X\": invalid"),
            "ImageNotPulled",
            format!("image {IMAGE} cannot be pulled: Failed to apply default image tag \"X\": invalid"),
        ),
        (
            waiting("CreateContainerConfigError", "secret \"odoo-database\" not found"),
            "ContainerConfigInvalid",
            "container odoo cannot be created: secret \"odoo-database\" not found".to_owned(),
        ),
        (
            container(&ended(3, "Error", None), &none),
            "PodCrashes",
            "container odoo ended with exit code 3: read its log".to_owned(),
        ),
        (
            container(&running, &ended(1, "Error", Some("no module named odoo\n"))),
            "PodCrashes",
            "container odoo ended with exit code 1: no module named odoo".to_owned(),
        ),
        (
            container(
                &json!({"waiting": {"reason": "RunContainerError", "message": start_error}}),
                &none,
            ),
            "PodCrashes",
            format!("container odoo cannot be started: {start_error}"),
        ),
        (
            container(
                &json!({"waiting": {"reason": "CrashLoopBackOff"}}),
                &ended(128, "StartError", Some(start_error)),
            ),
            "PodCrashes",
            format!("container odoo cannot be started: {start_error}"),
        ),
        (
            container(
                &json!({"waiting": {"reason": "CrashLoopBackOff"}}),
                &ended(137, "OOMKilled", None),
            ),
            "OutOfMemory",
            "container odoo was ended because it used more memory than its limit: \
             choose a bigger size"
                .to_owned(),
        ),
        (
            unschedulable(
                "0/3 nodes are available: 2 node(s) had untolerated taint {dedicated: db}, \
                 1 Insufficient cpu. preemption: 0/3 nodes are available: 1 No preemption victims \
                 found for incoming pod, 2 Preemption is not helpful for scheduling.",
            ),
            "PodUnschedulable",
            "no node takes its pod: Insufficient cpu, node(s) had untolerated taint {dedicated: db}"
                .to_owned(),
        ),
        (
            unschedulable(
                "0/1 nodes are available: 1 node(s) didn't find available persistent volumes to \
                 bind. preemption: 0/1 nodes are available: 1 Preemption is not helpful.",
            ),
            "VolumeNotBound",
            "its volume cannot be had: node(s) didn't find available persistent volumes to bind"
                .to_owned(),
        ),
    ] {
        let diagnosis = with_pod(&pod);
        assert_eq!((diagnosis.reason, diagnosis.what), (reason, what));
        assert!(diagnosis.fault.is_some(), "{reason} is nobody's");
        assert!(of_pod(&pod).is_some(), "{reason} wakes nobody");
    }
}

#[test]
fn a_pod_that_is_not_made_is_told_by_who_refused_it() {
    for (message, reason, what) in [
        (
            "pods \"odoo-7f6c9d5b8-x4k2p\" is forbidden: exceeded quota: tiny, requested: pods=1, \
             used: pods=0, limited: pods=0",
            "QuotaExceeded",
            "its pod cannot be created: exceeded quota: tiny, requested: pods=1, limited: pods=0",
        ),
        (
            "admission webhook \"policy.example\" denied the request: unsigned image",
            "AdmissionRefused",
            "its pod cannot be created: admission webhook \"policy.example\" denied the request: \
             unsigned image",
        ),
        (
            "pods \"odoo-7f6c9d5b8-x4k2p\" is forbidden: maximum memory usage per Container is 1Gi, \
             but limit is 2Gi",
            "AdmissionRefused",
            "its pod cannot be created: maximum memory usage per Container is 1Gi, but limit is 2Gi",
        ),
    ] {
        let diagnosis = with_deployment(&deployment(message));
        assert_eq!((diagnosis.reason, diagnosis.what.as_str()), (reason, what));
    }
}

#[test]
fn a_volume_is_told_when_somebody_says_that_it_fails_or_when_it_is_gone() {
    let claim = |phase: &str| -> DynamicObject {
        let claim = json!({"metadata": {"name": "odoo-data"}, "status": {"phase": phase}});
        serde_json::from_value(claim).unwrap()
    };
    let said = "storageclass.storage.k8s.io \"fast\" not found";
    let diagnosis = with_volume(&claim("Pending"), Some(said));
    assert_eq!(diagnosis.reason, "VolumeNotBound");
    assert_eq!(diagnosis.what, format!("its volume cannot be had: {said}"));
    assert_eq!(with_volume(&claim("Pending"), None).reason, "PodStarting");
    // What was said before it was bound is of no more interest.
    assert_eq!(
        with_volume(&claim("Bound"), Some(said)).reason,
        "PodStarting"
    );
}

#[test]
fn a_volume_that_was_there_once_is_lost_when_it_is_not() {
    let claim = |phase: &str| -> DynamicObject {
        let claim = json!({"metadata": {"name": "odoo-data"}, "status": {"phase": phase}});
        serde_json::from_value(claim).unwrap()
    };
    let lost = |claim: Option<&DynamicObject>, had: bool| {
        of_volume("odoo-data", claim, had).map(|diagnosis| diagnosis.reason)
    };
    assert_eq!(lost(None, true), Some("VolumeLost"));
    assert_eq!(lost(None, false), None);
    assert_eq!(lost(Some(&claim("Lost")), false), Some("VolumeLost"));
    assert_eq!(lost(Some(&claim("Bound")), true), None);
    let mut going = claim("Bound");
    going.metadata.deletion_timestamp =
        Some(serde_json::from_value(json!("2026-11-22T22:43:01Z")).unwrap());
    assert_eq!(lost(Some(&going), true), Some("VolumeLost"));
}

#[test]
fn what_every_start_passes_through_is_no_sickness_and_wakes_nobody() {
    let none = json!({});
    for pod in [
        pod("x4k2p", &json!({"phase": "Pending"})),
        unschedulable(
            "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. \
             preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
        ),
        container(&json!({"waiting": {"reason": "ContainerCreating"}}), &none),
        container(
            &json!({"running": {"startedAt": "2026-11-22T22:43:01Z"}}),
            &none,
        ),
    ] {
        assert_eq!(with_pod(&pod), Diagnosis::starting());
        assert_eq!(of_pod(&pod), None);
    }
}

#[test]
fn the_pod_of_a_job_that_did_its_work_is_not_sick() {
    let of_job = |phase: &str, code: i32, reason: &str| {
        let state = ended(code, reason, None);
        let status = json!({"phase": phase, "containerStatuses": [{
            "name": "odoo", "image": IMAGE, "imageID": "", "ready": false, "restartCount": 0,
            "state": state,
        }]});
        of_pod(&pod("x4k2p", &status))
    };
    assert_eq!(of_job("Succeeded", 0, "Completed"), None);
    let failed = of_job("Failed", 1, "Error").map(|failed| failed.reason);
    assert_eq!(failed, Some("PodCrashes"));
}

/// The same trouble at the next attempt, with another pod, port, time and count, is no other
/// message: the status would be written at each attempt.
#[test]
fn a_message_stays_the_same_for_as_long_as_its_cause() {
    let refused = |port: u16| {
        format!("dial failed: read tcp 10.0.0.7:{port}->10.0.0.1:443: connection refused")
    };
    let back_off = |port| {
        let said = refused(port);
        format!("Back-off pulling image \"{IMAGE}\": ErrImagePull: {said}")
    };
    let none = json!({});
    let crashed = ended(1, "Error", Some("2026-11-22 22:43:02,001 fatal: no disk"));
    let crashed_again = ended(1, "Error", Some("2026-11-22 22:48:09,333 fatal: no disk"));
    let running = json!({"running": {"startedAt": "2026-11-22T22:48:01Z"}});
    let back = json!({"waiting": {"reason": "CrashLoopBackOff", "message":
        "back-off 5m0s restarting failed container=odoo pod=odoo-7f6c9d5b8-x4k2p_tenant(1234)"}});
    for attempts in [
        vec![
            waiting("ErrImagePull", &refused(43210)),
            waiting("ImagePullBackOff", &back_off(43210)),
            waiting("ErrImagePull", &refused(51022)),
        ],
        vec![
            container(&crashed, &none),
            container(&back, &crashed),
            container(&running, &crashed),
            container(&crashed_again, &crashed),
        ],
        vec![
            unschedulable("0/1 nodes are available: 1 Insufficient cpu."),
            unschedulable("0/2 nodes are available: 2 Insufficient cpu. preemption: none."),
        ],
    ] {
        let told: Vec<_> = attempts.iter().map(|pod| with_pod(pod).message()).collect();
        assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:#?}");
    }
    let quota = |name: &str, used: u8| {
        let message = format!(
            "pods \"odoo-7f6c9d5b8-{name}\" is forbidden: exceeded quota: tiny, requested: pods=1, \
             used: pods={used}, limited: pods=1"
        );
        with_deployment(&deployment(&message)).message()
    };
    assert_eq!(quota("x4k2p", 1), quota("zz9pl", 2));
}

#[test]
fn the_newest_pod_that_is_not_ending_is_the_one_that_is_told_of() {
    let aged = |created: &str, ending: bool, reason: &str| {
        let mut pod = (*waiting(reason, "x")).clone();
        let time = |text: &str| serde_json::from_value(json!(text)).unwrap();
        pod.metadata.creation_timestamp = Some(time(created));
        pod.metadata.deletion_timestamp = ending.then(|| time(created));
        Arc::new(pod)
    };
    let pods = [
        aged("2026-11-22T22:00:03Z", true, "ErrImagePull"),
        aged("2026-11-22T22:00:02Z", false, "CreateContainerConfigError"),
        aged("2026-11-22T22:00:01Z", false, "ErrImagePull"),
    ];
    assert_eq!(of_pods(&pods).unwrap().reason, "ContainerConfigInvalid");
}

#[test]
fn a_message_says_whose_matter_it_is_and_when_it_is_tried_again() {
    let sick = with_pod(&waiting("InvalidImageName", ""));
    assert_eq!(
        sick.message(),
        format!(
            "image {IMAGE} cannot be pulled \
             (for the platform to mend; tried again within 5 minutes)"
        )
    );
    let starting = Diagnosis::starting().message();
    assert_eq!(starting, "its pod has not passed its readiness probe");
}
