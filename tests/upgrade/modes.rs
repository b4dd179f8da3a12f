//! Permission bits: `x` merges as contents do, the others stay the user's.

use super::story::Story;

const SCRIPT: &str = "#!/bin/sh\n1\n2\n3\n";

/// A program where the template has made it one, and what becomes of its text and its mode.
fn upgraded(base: u32, ours: u32, edit: &str, theirs: u32, text: &str) -> (String, u32) {
    let story = Story::before();
    story.learns(&[("run.sh", SCRIPT)]);
    story.set_mode("../set/files/run.sh", base);
    story.make(&[]);
    story.write("run.sh", edit);
    story.set_mode("run.sh", ours);
    story.learns(&[("run.sh", text)]);
    story.set_mode("../set/files/run.sh", theirs);
    story.upgrade().exits(0);
    (story.read("run.sh"), story.mode("run.sh"))
}

#[test]
fn who_has_changed_x_is_followed() {
    let mode = |base, ours, theirs| upgraded(base, ours, SCRIPT, theirs, SCRIPT).1;
    assert_eq!(mode(0o644, 0o644, 0o755), 0o755);
    assert_eq!(mode(0o755, 0o755, 0o644), 0o644);
    assert_eq!(mode(0o644, 0o755, 0o644), 0o755);
    assert_eq!(mode(0o755, 0o644, 0o755), 0o644);
}

#[test]
fn x_of_one_side_and_text_of_the_other_both_arrive() {
    let (edit, new) = (SCRIPT.replace('1', "mine"), SCRIPT.replace('3', "new"));
    let both = "#!/bin/sh\nmine\n2\nnew\n".to_owned();
    assert_eq!(
        upgraded(0o644, 0o755, SCRIPT, 0o644, &new),
        (new.clone(), 0o755)
    );
    assert_eq!(
        upgraded(0o644, 0o644, &edit, 0o755, SCRIPT),
        (edit.clone(), 0o755)
    );
    assert_eq!(
        upgraded(0o755, 0o644, &edit, 0o755, &new),
        (both.clone(), 0o644)
    );
    assert_eq!(upgraded(0o644, 0o644, &edit, 0o755, &new), (both, 0o755));
}

#[test]
fn a_file_that_is_closed_to_others_stays_closed() {
    let new = SCRIPT.replace('3', "new");
    for mode in [0o600, 0o640, 0o400, 0o444, 0o2644] {
        assert_eq!(
            upgraded(0o644, mode, SCRIPT, 0o644, &new),
            (new.clone(), mode)
        );
    }
    assert_eq!(upgraded(0o644, 0o600, SCRIPT, 0o755, &new).1, 0o700);
    assert_eq!(upgraded(0o644, 0o640, SCRIPT, 0o755, &new).1, 0o750);
}

#[test]
fn a_conflict_leaves_the_mode_that_the_file_is_to_have() {
    let story = Story::new(&[("run.sh", SCRIPT)]);
    story.write("run.sh", SCRIPT.replace('2', "mine"));
    story.set_mode("run.sh", 0o600);
    story.learns(&[("run.sh", SCRIPT.replace('2', "theirs"))]);
    story.set_mode("../set/files/run.sh", 0o755);
    story.upgrade().exits(2);
    assert_eq!(story.mode("run.sh"), 0o700);
}

#[test]
fn what_undo_keeps_is_for_nobody_elses_eyes() {
    let story = Story::new(&[("a.env", "PASSWORD=\n")]);
    story.write("a.env", "PASSWORD=secret\n");
    story.set_mode("a.env", 0o600);
    story.learns(&[("a.env", "PORT=1\nPASSWORD=\n")]);
    story.with_set(&["upgrade", "--conflict", "ours"]).exits(0);
    assert_eq!(story.mode(".tac/undo"), 0o700);
    let kept = story.scratch.listing();
    let kept = kept
        .iter()
        .filter(|path| path.starts_with(".tac/undo/") && path.contains("/before/"));
    let files: Vec<&String> = kept.filter(|path| !path.ends_with('/')).collect();
    assert!(!files.is_empty());
    for file in files {
        assert_eq!(story.mode(file), 0o600, "{file}");
    }
}

#[test]
fn new_files_get_what_the_umask_leaves_and_old_ones_keep_what_they_have() {
    for (umask, plain, program, folder) in [
        ("077", 0o600, 0o700, 0o700),
        ("000", 0o666, 0o777, 0o777),
        ("027", 0o640, 0o750, 0o750),
    ] {
        let story = Story::new(&[("a.txt", "a\n")]);
        story.set_mode("a.txt", 0o644);
        story.learns(&[
            ("a.txt", "new\n"),
            ("in/b.txt", "b\n"),
            ("in/run.sh", "c\n"),
        ]);
        story.set_mode("../set/files/in/run.sh", 0o755);
        let script = format!(
            "umask {umask}; exec {} upgrade --templates ../set",
            crate::program::PROGRAM
        );
        let done = std::process::Command::new("sh")
            .args(["-c", &script])
            .current_dir(story.path("."))
            .output();
        assert!(done.unwrap().status.success());
        let modes = ["a.txt", "in/b.txt", "in/run.sh", "in"].map(|path| story.mode(path));
        assert_eq!(modes, [0o644, plain, program, folder], "{umask}");
    }
}
