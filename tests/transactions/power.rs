//! The power is cut at every operation that changes something: while changes are made, undone and taken back.

use tac_bootstrap::transaction::{Disk, Lock, recover, undo};
use tac_bootstrap::tree::File;

use super::home::saved;
use super::model::{Lost, Model};
use super::sample::{apply, assert_same, begin, both_states, changes, kept, state, write};
use crate::merge::cases::cases;

/// How many cases are drawn elsewhere: here, that many operations are cut once.
const USUAL: u32 = 2_000;

fn lock(model: &Model) -> Lock<Model> {
    Lock::alone(model.clone(), "upgrade")
}

/// The project, on a disk that has all of it.
fn project() -> Model {
    let model = Model::new();
    begin(&model);
    model.start(Lost::Nothing);
    model
}

/// Cuts the power at each operation of `act`, with every loss; `check` sees what is left then, and whether `act` had ended.
fn cut_at_each_operation(
    before: &Model,
    act: impl Fn(&Lock<Model>) -> bool,
    mut check: impl FnMut(&Model, bool, &str),
) {
    let chances = cases(USUAL).div_ceil(USUAL);
    for at in 1_usize.. {
        let left = before.copy();
        left.power_for(at);
        let has_ended = act(&lock(&left)) && left.has_power();
        let by_chance =
            (0..chances).map(|chance| Lost::Some((at as u64) << 32 | u64::from(chance)));
        for lost in [Lost::Nothing, Lost::All].into_iter().chain(by_chance) {
            let left = left.copy();
            left.start(lost);
            check(&left, has_ended, &format!("cut at {at}, {lost:?} lost"));
        }
        if has_ended {
            return;
        }
    }
}

/// Nothing is pending, and no file is left over.
fn is_clean(model: &Model) -> bool {
    state(model)
        .keys()
        .all(|path| !path.contains("journal") && !path.contains(".tac-"))
        && kept(model).iter().all(|name| name.parse::<u32>().is_ok())
}

#[test]
fn a_power_cut_leaves_the_old_or_the_new_state_to_whoever_comes_next() {
    let before = project();
    let (old, new) = both_states(&before, &changes());
    let (mut taken_back, mut made) = (0, 0);
    let act = |lock: &Lock<Model>| apply(lock, &changes()).is_ok();
    cut_at_each_operation(&before, act, |left, has_ended, place| {
        recover(&lock(left)).unwrap();
        assert!(is_clean(left), "{place}");
        if kept(left).is_empty() {
            assert!(!has_ended, "{place}: it had said that it was done");
            assert_same(&state(left), &old, place);
            taken_back += 1;
        } else {
            assert_same(&state(left), &new, place);
            let staged = left.list(".tac/undo/0001/after").unwrap();
            assert_eq!(
                staged, [""; 0],
                "{place}: it looks as if these were not made"
            );
            undo(&lock(left)).unwrap();
            assert_same(&state(left), &old, place);
            made += 1;
        }
    });
    assert!(taken_back > 200 && made > 2, "{taken_back}, {made}");
}

#[test]
fn a_power_cut_while_it_is_taken_back_leaves_the_rest_to_whoever_comes_next() {
    let before = project();
    // One of a kind: every pair of operations is tried.
    let few = changes().split_off(13);
    let (old, new) = both_states(&before, &few);
    let mut cuts = 0;
    let act = |lock: &Lock<Model>| apply(lock, &few).is_ok();
    cut_at_each_operation(&before, act, |left, _, place| {
        if !state(left).contains_key(".tac/journal") {
            return;
        }
        let act = |lock: &Lock<Model>| recover(lock).is_ok();
        cut_at_each_operation(left, act, |left, _, again| {
            recover(&lock(left)).unwrap();
            let place = format!("{place}, then {again}");
            assert!(is_clean(left), "{place}");
            let wanted = if kept(left).is_empty() { &old } else { &new };
            assert_same(&state(left), wanted, &place);
            cuts += 1;
        });
    });
    assert!(cuts > 2_000, "{cuts}");
}

#[test]
fn a_power_cut_while_it_is_undone_leaves_the_new_or_the_old_state() {
    let before = project();
    let (old, new) = both_states(&before, &changes());
    apply(&lock(&before), &changes()).unwrap();
    let act = |lock: &Lock<Model>| undo(lock).is_ok();
    let (mut undone, mut stays) = (0, 0);
    cut_at_each_operation(&before, act, |left, has_ended, place| {
        recover(&lock(left)).unwrap();
        assert!(is_clean(left), "{place}");
        if kept(left).is_empty() {
            assert_same(&state(left), &old, place);
            undone += 1;
        } else {
            assert!(!has_ended, "{place}: it had said that it was done");
            assert_same(&state(left), &new, place);
            stays += 1;
        }
    });
    assert!(undone > 200 && stays > 2, "{undone}, {stays}");
}

#[test]
fn a_power_cut_while_it_is_undone_loses_no_edit_and_names_it_once() {
    let before = project();
    let old = state(&before).remove("README.md");
    apply(&lock(&before), &changes()).unwrap();
    before.remove("README.md").unwrap();
    write(&before, "README.md", &File::text("mine"), 0o644);
    before.start(Lost::Nothing);
    let mine = state(&before).remove("README.md");
    let act = |lock: &Lock<Model>| undo(lock).is_ok();
    cut_at_each_operation(&before, act, |left, has_ended, place| {
        if !has_ended && let Some(undone) = undo(&lock(left)).unwrap() {
            assert_eq!(
                saved(&undone),
                [("README.md", "README.md.edited")],
                "{place}"
            );
        }
        let mut state = state(left);
        assert_eq!(state.remove("README.md"), old, "{place}");
        assert_eq!(state.remove("README.md.edited"), mine, "{place}");
        assert!(!state.contains_key("README.md.edited.2"), "{place}");
    });
}
