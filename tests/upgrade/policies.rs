//! What a set says of whose a file is.

use super::story::Story;

fn once(path: &str) -> String {
    format!("[files.\"{path}\"]\npolicy = \"once\"\n")
}

const OWN: &str = "[files.\"vendor.js\"]\npolicy = \"own\"\n";

#[test]
fn a_file_that_is_written_once_is_the_users_from_then_on() {
    for mine in ["1\n2\n3\n", "mine\n2\n3\n"] {
        let story = Story::of_set(&once("README.md"), &[("README.md", "1\n2\n3\n")]);
        story.write("README.md", mine);
        story.learns_set(&once("README.md"), &[("README.md", "1\n2\nnew\n")]);
        let ran = story.upgrade().exits(0);
        let told = "  yours     README.md: it is yours since it was created; the template's has changed; it is .tac/base/README.md\n";
        assert!(ran.out.contains(told), "{}", ran.out);
        assert_eq!(story.read("README.md"), mine);
        assert_eq!(story.read(".tac/base/README.md"), "1\n2\nnew\n");
    }
}

#[test]
fn a_file_that_is_written_once_is_not_written_again_when_it_is_deleted() {
    let story = Story::of_set(&once("README.md"), &[("README.md", "1\n")]);
    story.remove("README.md");
    story.learns_set(&once("README.md"), &[("README.md", "2\n")]);
    story.upgrade().exits(0);
    assert!(!story.has("README.md"));
}

#[test]
fn a_file_that_is_written_once_and_new_is_created_where_there_is_none() {
    for mine in [None, Some("mine\n")] {
        let story = Story::new(&[("a.txt", "a\n")]);
        if let Some(mine) = mine {
            story.write("README.md", mine);
        }
        story.learns_set(
            &once("README.md"),
            &[("README.md", "1\n"), ("a.txt", "a\n")],
        );
        story.upgrade().exits(0);
        assert_eq!(story.read("README.md"), mine.unwrap_or("1\n"));
        assert!(!story.has("README.md.theirs"));
    }
}

#[test]
fn a_file_that_is_written_once_may_become_whatever_the_user_likes() {
    for place in ["docs/guide.md", "docs"] {
        let story = Story::of_set(&once("docs/guide.md"), &[("docs/guide.md", "1\n")]);
        story.remove(place);
        if place == "docs" {
            story.link("docs", "..");
        } else {
            story.write("docs/guide.md/mine.md", "mine\n");
        }
        let before = story.project();
        story.learns_set(&once("docs/guide.md"), &[("docs/guide.md", "2\n")]);
        let ran = story.upgrade().exits(0);
        assert!(
            ran.out
                .contains("  yours     docs/guide.md: it is yours since"),
            "{}",
            ran.out
        );
        assert_eq!(story.project(), before);
    }
}

#[test]
fn a_file_that_is_written_once_stays_when_the_template_drops_it() {
    let story = Story::of_set(
        &once("README.md"),
        &[("README.md", "1\n"), ("a.txt", "a\n")],
    );
    story.learns(&[("a.txt", "a\n")]);
    story.upgrade().exits(0);
    assert_eq!(story.read("README.md"), "1\n");
}

#[test]
fn a_file_that_is_written_once_is_not_moved() {
    let story = Story::of_set(
        &once("README.md"),
        &[("README.md", "1\n"), ("a.txt", "a\n")],
    );
    story.write("README.md", "mine\n");
    let moved = once("docs/README.md") + "moved_from = \"README.md\"\n";
    story.learns_set(&moved, &[("docs/README.md", "1\n"), ("a.txt", "a\n")]);
    story.upgrade().exits(0);
    assert_eq!(story.read("README.md"), "mine\n");
    assert_eq!(story.read("docs/README.md"), "1\n");
}

#[test]
fn a_file_that_is_the_templates_follows_it_and_an_edited_one_is_kept_and_told() {
    let story = Story::of_set(OWN, &[("vendor.js", "1\n2\n3\n")]);
    story.learns_set(OWN, &[("vendor.js", "1\n2\nnew\n")]);
    story.upgrade().exits(0);
    assert_eq!(story.read("vendor.js"), "1\n2\nnew\n");

    story.write("vendor.js", "mine\n2\nnew\n");
    story.learns_set(OWN, &[("vendor.js", "1\n2\nnewer\n")]);
    let ran = story.upgrade().exits(0);
    assert!(
        ran.out
            .contains("  yours     vendor.js: you have edited it, which it is not meant for"),
        "{}",
        ran.out
    );
    assert_eq!(story.read("vendor.js"), "mine\n2\nnew\n");
}

#[test]
fn a_lock_file_follows_the_template_until_it_is_edited() {
    let lock = |version| {
        format!("version = {version}\n\n[[package]]\nname = \"a\"\n\n[[package]]\nname = \"b\"\n")
    };
    let story = Story::new(&[("service/Cargo.lock", lock(3))]);
    story.learns(&[("service/Cargo.lock", lock(4))]);
    story.upgrade().exits(0);
    assert_eq!(story.read("service/Cargo.lock"), lock(4));

    let mine = lock(4) + "\n[[package]]\nname = \"mine\"\n";
    story.write("service/Cargo.lock", &mine);
    story.learns(&[("service/Cargo.lock", lock(5))]);
    let ran = story.upgrade().exits(0);
    let told = "yours     service/Cargo.lock: you have edited it: cargo brings it up to date";
    assert!(ran.out.contains(told), "{}", ran.out);
    assert_eq!(story.read("service/Cargo.lock"), mine);
}

/// A project around a file that was there before.
fn kept() -> Story {
    let story = Story::before();
    story.write("README.md", "mine\n");
    story.learns(&[("README.md", "1\n"), ("a.txt", "a\n")]);
    story.make(&[]);
    assert_eq!(story.read(".tac/offered/README.md"), "1\n");
    story
}

#[test]
fn a_file_that_was_there_before_stays_and_what_is_offered_follows_the_template() {
    let story = kept();
    story.learns(&[("README.md", "2\n"), ("a.txt", "a\n")]);
    let ran = story.upgrade().exits(0);
    let told = "  yours     README.md: it was yours before; the template's has changed; it is .tac/offered/README.md\n";
    assert!(ran.out.contains(told), "{}", ran.out);
    assert_eq!(story.read("README.md"), "mine\n");
    assert_eq!(story.read(".tac/offered/README.md"), "2\n");
}

#[test]
fn a_file_that_was_there_before_is_not_told_of_while_the_template_does_not_change_it() {
    for is_there in [true, false] {
        let story = kept();
        if !is_there {
            story.remove("README.md");
        }
        story.learns(&[("README.md", "1\n"), ("a.txt", "new\n")]);
        let ran = story.upgrade().exits(0);
        assert!(!ran.out.contains("README.md"), "{}", ran.out);
        assert_eq!(story.has("README.md"), is_there);
    }
}

#[test]
fn a_file_that_was_there_before_and_is_deleted_is_not_replaced() {
    let story = kept();
    story.remove("README.md");
    story.learns(&[("README.md", "2\n"), ("a.txt", "a\n")]);
    story.upgrade().exits(0);
    assert!(!story.has("README.md"));
}

#[test]
fn a_policy_that_changes_holds_from_the_version_that_changes_it() {
    let story = Story::of_set(&once("a.txt"), &[("a.txt", "1\n")]);
    story.learns(&[("a.txt", "2\n")]);
    story.upgrade().exits(0);
    assert_eq!(story.read("a.txt"), "2\n");
    story.learns_set(&once("a.txt"), &[("a.txt", "3\n")]);
    story.upgrade().exits(0);
    assert_eq!(story.read("a.txt"), "2\n");
}
