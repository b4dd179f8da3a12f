//! Names that would be something else to a shell, to git, or to a reader of its output.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use serde_json::json;

use super::support::{Lab, Repo, exists, lab, told};

const NAMES: [&[u8]; 12] = [
    b"two words",
    b"quote\"'`",
    b"new\nline",
    b"\xff\xfe",
    b"-dash",
    b":(top)magic",
    b"tab\there",
    "\u{fc}n\u{ef}".as_bytes(),
    b"$(touch x)",
    b"back\\slash",
    b"*",
    b"a\ndiff --git a b",
];

fn path(folder: &Path, name: &[u8]) -> std::path::PathBuf {
    folder.join(OsStr::from_bytes(name))
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_any_name_are_shown_merged_and_rescued() {
    let lab = Lab::start().await;
    let run = lab.run("true").await;
    let tree = lab.tree(&run).await;
    for name in NAMES {
        std::fs::write(path(&tree.path, name), name).unwrap();
    }
    let diff = lab.diff(&run).await;
    let mut expected: Vec<_> = NAMES
        .iter()
        .map(|name| format!("untracked added {}", String::from_utf8_lossy(name)))
        .collect();
    expected.sort();
    assert_eq!(told(diff.ok()), expected);
    for file in diff.body["files"].as_array().unwrap() {
        assert_eq!(
            file["text"]
                .as_str()
                .unwrap()
                .matches("new file mode 100644\n")
                .count(),
            1,
            "{file}"
        );
        assert_eq!(file["is_binary"], false, "{file}");
    }
    let copy = Repo::new(lab.host.service.program.path("copy"));
    std::fs::write(copy.path.join("../patch"), lab.patch(&run).await).unwrap();
    copy.git(&["apply", "../patch"]);
    for name in NAMES {
        assert_eq!(std::fs::read(path(&copy.path, name)).unwrap(), name);
    }

    for name in NAMES {
        std::fs::write(path(&lab.repo.path, name), "mine").unwrap();
        assert!(lab.merge(&run).await.refusal().contains("is in the way"));
        std::fs::remove_file(path(&lab.repo.path, name)).unwrap();
    }
    lab.merge(&run).await.ok();
    for name in NAMES {
        assert_eq!(std::fs::read(path(&lab.repo.path, name)).unwrap(), name);
        std::fs::write(path(&tree.path, name), "changed").unwrap();
        std::fs::write(path(&lab.repo.path, name), "changed as well").unwrap();
    }
    lab.repo.commit("changed as well");
    let preview = lab.preview(&run).await;
    assert_eq!(
        preview.ok()["conflicts"].as_array().unwrap().len(),
        NAMES.len()
    );
    let done = lab.discard(&run, json!({ "force": true })).await;
    assert_eq!(done.ok()["files"], NAMES.len());
    lab.repo
        .git(&["checkout", "--quiet", done.body["rescue"].as_str().unwrap()]);
    for name in NAMES {
        assert_eq!(
            std::fs::read(path(&lab.repo.path, name)).unwrap(),
            b"changed"
        );
    }
    assert!(!exists(&lab.repo.path.join("x")) && !exists(&tree.path));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_a_root_and_an_agent_of_any_name_will_do() {
    let program = lab("[worktrees]\nroot = \"the 'root'\\n\\\"of\\\" trees\"");
    let folder = "wo rk/\"quoted\" 'folder'\nand more $HOME";
    let repo = Repo::new(program.path("work").join(folder));
    let mut lab = Lab::around(program, repo).await;
    for (name, slug) in [
        ("\u{65e5}\u{672c}", "agent"),
        ("--Fix: it/../now.lock ", "fix-it-now-lock"),
    ] {
        let agent = json!({ "name": name.trim(), "executor": "sh" });
        lab.host.agent = lab.host.agent_with(agent).await;
        let body = json!({ "prompt": "echo x >> made", "working_dir": folder });
        let run = lab.host.execute(body).await.body["id"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(
            lab.host.end(&run).await.status,
            "completed",
            "{}",
            lab.host.instance(&run).await
        );
        let branch = lab.worktree(&run).await["branch"]
            .as_str()
            .unwrap()
            .to_owned();
        assert_eq!(branch, format!("tac/{slug}/{}", &run[28..]));
        lab.merge(&run).await.ok();
        lab.discard(&run, json!({})).await.ok();
    }
    assert_eq!(lab.repo.read("made"), "x\nx\n");
}
