//! `upgrade --abort` where conflicts are left.

use crate::program::Scratch;

#[test]
fn an_upgrade_is_taken_back_with_the_decisions_that_followed_it() {
    let scratch = Scratch::new();
    scratch.write("../set/files/a.txt", "a\n");
    scratch.write("../set/files/b.txt", "b\n");
    scratch.new_project(&["."]).succeeds();
    let before = scratch.read(".tac/tac.toml");
    for name in ["a.txt", "b.txt"] {
        scratch.write(name, "mine\n");
        scratch.write(&format!("../set/files/{name}"), "theirs\n");
    }
    let upgrade = ["upgrade", "--allow-dirty", "--templates", "../set"];
    assert_eq!(scratch.run(&upgrade).code, Some(2));
    scratch.write("a.txt", "decided\n");
    scratch.run(&["resolve", "a.txt"]).succeeds();

    let ran = scratch.run(&["upgrade", "--abort"]).succeeds();
    assert!(ran.out.contains("a.txt was edited since"), "{}", ran.out);
    assert_eq!(scratch.read("a.txt"), "mine\n");
    assert_eq!(scratch.read("b.txt"), "mine\n");
    assert_eq!(scratch.read("a.txt.edited"), "decided\n");
    assert_eq!(scratch.read(".tac/tac.toml"), before);
    assert_eq!(scratch.run(&["upgrade", "--abort"]).code, Some(1));
}
