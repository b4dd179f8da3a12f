//! What begins when.

use super::support::{Flows, flow, shells, told};
use crate::support::program::Program;

#[tokio::test(flavor = "multi_thread")]
async fn steps_follow_one_another_and_what_one_says_reaches_the_next() {
    let flows = Flows::of(&[
        "name = 'plan'\nprompt = 'echo plan >> ran; echo the plan'",
        "name = 'build'\nprompt = 'echo build >> ran'",
    ]);
    let workflow = flows.end(&flows.start().await).await;
    assert_eq!(workflow["status"], "completed", "{workflow}");
    assert_eq!(flows.lines("ran"), ["plan", "build"]);
    assert_eq!(
        told(&workflow),
        ["plan completed 1.1", "build completed 1.1"]
    );
    assert_eq!(
        (&workflow["total_steps"], &workflow["completed_steps"]),
        (&2.into(), &2.into())
    );
    assert!(workflow["current_step"].is_null());
    assert!(workflow["error_message"].is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn steps_that_do_not_need_each_other_go_on_at_the_same_time() {
    let wait = |mine: &str, other: &str| {
        format!("touch {mine}; while [ ! -e {other} ]; do sleep 0.01; done; echo {mine} >> ran")
    };
    let flows = Flows::of(&[
        "name = 'first'\nprompt = 'echo first >> ran'",
        &format!("name = 'left'\nprompt = '{}'", wait("left", "right")),
        &format!(
            "name = 'right'\nneeds = ['first']\nprompt = '{}'",
            wait("right", "left")
        ),
        "name = 'last'\nneeds = ['left', 'right']\nprompt = 'echo last >> ran'",
    ]);
    let workflow = flows.start().await;
    let both = flows
        .until(&workflow, |it| it["current_step"] == "left, right")
        .await;
    assert_eq!(told(&both)[3], "last pending 0.0");
    let workflow = flows.end(&workflow).await;
    assert_eq!(workflow["status"], "completed", "{workflow}");
    let ran = flows.lines("ran");
    assert_eq!(
        (ran[0].as_str(), ran[3].as_str(), ran.len()),
        ("first", "last", 4)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_step_is_tried_again_as_often_as_it_may_be() {
    let third = "name = 'flaky'\nprompt = 'echo x >> tries; [ $(wc -l < tries) -ge 3 ]'";
    let flows = Flows::of(&[&format!("{third}\nretries = 2")]);
    let workflow = flows.end(&flows.start().await).await;
    assert_eq!(told(&workflow), ["flaky completed 1.3"]);
    assert_eq!(workflow["error_count"], 2);

    let flows = Flows::of(&[
        &format!("{third}\nretries = 1"),
        "name = 'next'\nprompt = 'true'",
    ]);
    let workflow = flows.end(&flows.start().await).await;
    assert_eq!(workflow["status"], "failed");
    assert_eq!(workflow["error_step"], "flaky");
    assert_eq!(
        workflow["error_message"],
        "step `flaky` failed: exit code 1"
    );
    assert_eq!(told(&workflow), ["flaky failed 1.2", "next skipped 0.0"]);
    assert_eq!(flows.lines("tries").len(), 2);
}

fn looping(at_most: u16) -> Program {
    let toml = flow(&[
        "name = 'plan'\nprompt = 'echo plan >> ran'",
        "name = 'build'\nprompt = 'echo build >> ran'",
        "name = 'lint'\nneeds = ['build']\nprompt = 'echo lint >> ran'",
        &format!(
            "name = 'test'\nneeds = ['build']\nprompt = 'sleep 0.1; echo test >> ran; echo no; [ -e good ]'\n\
             on_failure = {{ goto = 'build', at_most = {at_most} }}"
        ),
        "name = 'ship'\nneeds = ['lint', 'test']\nprompt = 'echo ship >> ran'",
    ]);
    shells(&toml)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_step_goes_back_and_what_lies_between_is_done_again() {
    let flows = Flows::with(looping(3));
    let workflow = flows.start().await;
    flows.until(&workflow, |it| it["error_count"] == 2).await;
    flows.write("good", "");
    let workflow = flows.end(&workflow).await;
    assert_eq!(workflow["status"], "completed", "{workflow}");
    let count = |name: &str| flows.lines("ran").iter().filter(|it| *it == name).count();
    let rounds = count("build");
    assert!((3..=4).contains(&rounds));
    assert_eq!(
        [count("plan"), count("lint"), count("test"), count("ship")],
        [1, rounds, rounds, 1]
    );
    let expected = [
        "plan completed 1.1".to_owned(),
        format!("build completed {rounds}.1"),
        format!("lint completed {rounds}.1"),
        format!("test completed {rounds}.1"),
        "ship completed 1.1".to_owned(),
    ];
    assert_eq!(told(&workflow), expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_back_is_taken_so_often_and_no_more() {
    let flows = Flows::with(looping(2));
    let workflow = flows.end(&flows.start().await).await;
    assert_eq!(workflow["status"], "failed");
    let message = "step `test` failed, after going back to `build` 2 times: exit code 1";
    assert_eq!(workflow["error_message"], message);
    assert_eq!(
        told(&workflow)[3..],
        ["test failed 3.1", "ship skipped 0.0"]
    );
    let builds = flows
        .lines("ran")
        .iter()
        .filter(|it| *it == "build")
        .count();
    assert_eq!((builds, &workflow["error_count"]), (3, &3.into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_need_a_failed_step_goes_on_to_its_end() {
    let flows = Flows::of(&[
        "name = 'bad'\nprompt = 'exit 3'",
        "name = 'slow'\nneeds = []\nprompt = 'while [ ! -e go ]; do sleep 0.01; done'",
        "name = 'after-slow'\nneeds = ['slow']\nprompt = 'echo done'",
        "name = 'after-both'\nneeds = ['bad', 'slow']\nprompt = 'echo never >> ran'",
    ]);
    let workflow = flows.start().await;
    flows.until(&workflow, |it| it["error_count"] == 1).await;
    flows.write("go", "");
    let workflow = flows.end(&workflow).await;
    assert_eq!(
        (&workflow["status"], &workflow["error_step"]),
        (&"failed".into(), &"bad".into())
    );
    let expected = [
        "bad failed 1.1",
        "slow completed 1.1",
        "after-slow completed 1.1",
        "after-both skipped 0.0",
    ];
    assert_eq!(told(&workflow), expected);
    assert_eq!(flows.lines("ran"), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_that_does_not_matter_holds_nobody_up() {
    let flows = Flows::of(&[
        "name = 'bad'\nprompt = 'echo x >> tries; exit 3'\nretries = 1\non_failure = 'continue'",
        "name = 'next'\nprompt = 'cat tries'",
    ]);
    let workflow = flows.end(&flows.start().await).await;
    assert_eq!(workflow["status"], "completed");
    assert_eq!(told(&workflow), ["bad failed 1.2", "next completed 1.1"]);
    assert_eq!(workflow["completed_steps"], 2);
    assert_eq!(flows.lines("tries").len(), 2);
}
