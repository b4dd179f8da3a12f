//! Template sets as authors write them, and what is refused before anything is rendered.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use tac_bootstrap::render::{Choices, render};
use tac_bootstrap::templates::{TemplateSet, names};
use tac_bootstrap::tree::{File, Tree};

use crate::fixture::{message, path, set, text};

fn refusal(manifest: &str, files: &[(&str, &str)]) -> String {
    message(&set(manifest, files).unwrap_err())
}

#[test]
fn stored_names_and_paths_are_each_others_inverse() {
    for (stored, name, is_template) in [
        ("dot_gitignore", ".gitignore", false),
        ("a/dot_github/x.yml", "a/.github/x.yml", false),
        ("dot__x", "dot_x", false),
        ("dot___x", "dot__x", false),
        ("._x", "._x", false),
        ("Cargo.toml.tera", "Cargo.toml", true),
        ("x.tera.tera", "x.tera", true),
        ("dot_env.sample", ".env.sample", false),
        ("adot_x", "adot_x", false),
    ] {
        assert_eq!(
            names::decode(&path(stored)).unwrap(),
            (path(name), is_template)
        );
        let suffix = if is_template { ".tera" } else { "" };
        assert_eq!(names::encode(&path(name)) + suffix, stored);
    }
}

#[test]
fn names_that_would_leave_the_project_are_refused() {
    for stored in ["dot_", "dot_.", "a/dot_/b", "a/dot_.", ".tera", "a/.tera"] {
        assert!(
            refusal("", &[(stored, "")]).contains("is not a path inside a project"),
            "{stored}"
        );
    }
    for stored in [
        "dot_git/hooks/pre-commit",
        "a/dot_GIT/config",
        "dot_tac/tac.toml",
    ] {
        assert!(
            refusal("", &[(stored, "")]).starts_with("a template set cannot write `"),
            "{stored}"
        );
    }
}

#[test]
fn links_may_point_at_the_project_only() {
    let link = |place: &str, target: &str| {
        let mut stored = Tree::new();
        stored.insert(
            path("set.toml"),
            File::text("name = \"s\"\nversion = \"1\"\n"),
        );
        stored.insert(
            path(&format!("files/{place}")),
            File::Link {
                target: target.into(),
            },
        );
        TemplateSet::new(&stored)
    };
    for (place, target) in [
        ("a/b", "../../x"),
        ("a", "/etc/passwd"),
        ("a/b", ".././../x"),
        ("a", ""),
        ("a/b", "x/../../.."),
        ("a", "x/../y"),
        ("a", "b/"),
    ] {
        assert!(link(place, target).is_err(), "{place} -> {target}");
    }
    for (place, target) in [("a/b", "../x"), ("a", "b/c"), ("a/b", "./c")] {
        let set = link(place, target).unwrap();
        let tree = render(&set, &Choices::default()).unwrap();
        assert_eq!(
            tree[place],
            File::Link {
                target: target.into()
            }
        );
    }
    assert_eq!(
        message(&link("a.tera", "b").unwrap_err()),
        "`a.tera` is a link, and a link cannot be a template; store the file that it points at, or take `.tera` off its name"
    );
}

#[test]
fn two_files_for_one_place_are_refused() {
    assert!(refusal("", &[("a", ""), ("a.tera", "")]).contains("another file are stored for `a`"));
    assert_eq!(
        refusal("", &[("a.tera", ""), ("a/b/c", "")]),
        "`a` cannot be a file and, for `a/b/c`, a folder; rename one of the two"
    );
}

#[test]
fn errors_in_set_toml_name_the_line() {
    for (manifest, expected) in [
        (
            "[options.docs]\n",
            "read set.toml, line 3: missing field `description`",
        ),
        (
            "[options.docs]\ndescription = \"\"\npath = []\n",
            "read set.toml, line 5: unknown field `path`",
        ),
        (
            "hooks = []\n",
            "read set.toml, line 3: unknown field `hooks`",
        ),
        (
            "[answers.a]\nhelp = \"\"\ntype = \"bool\"\n",
            "read set.toml, line 5: unknown variant `bool`",
        ),
        (
            "[files.\"../x\"]\n",
            "read set.toml, line 3: `../x` is not a path inside a project",
        ),
        (
            "[files.x]\npolicy = \"twice\"\n",
            "read set.toml, line 4: unknown variant `twice`",
        ),
        (
            "[files.x]\nmode = \"777\"\n",
            "read set.toml, line 4: unknown variant `777`",
        ),
        ("[options\n", "read set.toml, line 3:"),
    ] {
        let refusal = refusal(manifest, &[]);
        assert!(refusal.starts_with(expected), "{manifest:?}: {refusal}");
    }
}

#[test]
fn what_set_toml_says_has_to_hold() {
    for (manifest, expected) in [
        (
            "[options.Docs]\ndescription = \"\"",
            "`Docs` cannot name an answer or an option",
        ),
        (
            "[options.a-b]\ndescription = \"\"\n[options.a_b]\ndescription = \"\"",
            "two names differ from `a_b` only in `-` and `_`",
        ),
        (
            "[options.docs]\ndescription = \"\"\npaths = [\"docs/**\"]",
            "option `docs`: no file matches `docs/**`",
        ),
        (
            "[options.docs]\ndescription = \"\"\nlock_edges = [\"a b\"]",
            "option `docs`: an entry of `lock_edges` is not of the form `a -> b`",
        ),
        (
            "[files.\"dot_x\"]\npolicy = \"once\"",
            "set.toml says something of `dot_x`, which the set does not hold",
        ),
        (
            "[files.\".x\"]\nlock_of = \"Cargo.toml\"",
            "set.toml says something of `Cargo.toml`, which the set does not hold",
        ),
        (
            "[answers.a]\nhelp = \"\"\ntype = \"integer\"\ndefault = \"1\"",
            "answer `a` must be an integer",
        ),
        (
            "[answers.a]\nhelp = \"\"\ntype = \"list\"\ndefault = [1]",
            "answer `a` must be a list of strings",
        ),
        (
            "[answers.a]\nhelp = \"\"\ntype = \"list\"\npattern = \"x\"",
            "answer `a` has a pattern, but only a string can have one",
        ),
        (
            "[answers.a]\nhelp = \"\"\ntype = \"string\"\npattern = \"(\"",
            "answer `a`: its pattern `(` is not a regular expression",
        ),
    ] {
        let refusal = refusal(manifest, &[("dot_x", "")]);
        assert!(refusal.starts_with(expected), "{manifest:?}: {refusal}");
    }
}

#[test]
fn a_folder_is_read_with_its_modes_and_links_and_no_other_files() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir_all(at("files/bin")).unwrap();
    fs::create_dir_all(at(".git")).unwrap();
    fs::write(at(".git/config"), "").unwrap();
    fs::write(at("README.md"), "about the set").unwrap();
    fs::write(
        at("set.toml"),
        "name = \"s\"\nversion = \"1\"\n[files.plain]\nmode = \"644\"\n",
    )
    .unwrap();
    for name in ["files/bin/run.tera", "files/plain"] {
        fs::write(at(name), "#!/bin/sh\n").unwrap();
        fs::set_permissions(at(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    symlink("bin/run", at("files/run")).unwrap();

    let set = TemplateSet::from_dir(folder.path()).unwrap();
    let tree = render(&set, &Choices::default()).unwrap();
    let script = |executable| File::Regular {
        bytes: b"#!/bin/sh\n".to_vec(),
        executable,
    };
    let expected = [
        ("bin/run", script(true)),
        ("plain", script(false)),
        (
            "run",
            File::Link {
                target: "bin/run".into(),
            },
        ),
    ];
    assert_eq!(
        tree,
        expected
            .into_iter()
            .map(|(name, file)| (path(name), file))
            .collect()
    );

    let before = set.digest().to_owned();
    fs::set_permissions(at("files/bin/run.tera"), fs::Permissions::from_mode(0o644)).unwrap();
    assert_ne!(
        TemplateSet::from_dir(folder.path()).unwrap().digest(),
        before
    );
}

#[test]
fn the_digest_is_what_the_page_says() {
    let manifest = "name = \"s\"\nversion = \"1\"\n[files.b]\nmode = \"755\"\n";
    let mut stored = Tree::new();
    stored.insert(path("set.toml"), File::text(manifest));
    stored.insert(path("files/b.tera"), File::text("text"));
    let target = "b".to_owned();
    stored.insert(path("files/dot_a"), File::Link { target });
    let length = manifest.len();
    let records =
        format!("set.toml\0644\0{length}\0{manifest}dot_a\0link\01\0bb.tera\0755\04\0text");
    assert_eq!(
        TemplateSet::new(&stored).unwrap().digest(),
        tac_bootstrap::hash::sha256(records.as_bytes())
    );
}

#[test]
fn a_set_that_is_put_together_by_links_or_is_empty_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let refusal = || message(&TemplateSet::from_dir(&at("set")).unwrap_err());
    fs::create_dir_all(at("set")).unwrap();
    fs::create_dir_all(at("other")).unwrap();
    fs::write(at("other/a"), "").unwrap();
    fs::write(at("set.toml"), "name = \"s\"\nversion = \"1\"\n").unwrap();

    symlink("../set.toml", at("set/set.toml")).unwrap();
    assert!(refusal().contains("set: set.toml is a link; a template set is a folder with"));
    fs::rename(at("set.toml"), at("set/set.toml")).unwrap();
    assert!(refusal().starts_with("the template set has no files; a template set is"));
    symlink("../other", at("set/files")).unwrap();
    assert!(refusal().contains("set: files is a link; "));
}

#[test]
fn a_folder_without_a_manifest_is_no_set() {
    let folder = tempfile::tempdir().unwrap();
    let error = TemplateSet::from_dir(folder.path()).unwrap_err();
    assert!(error.what().ends_with("it has no set.toml"), "{error}");
    let missing = TemplateSet::from_dir(&folder.path().join("missing")).unwrap_err();
    assert!(missing.what().contains("missing"), "{missing}");
}

#[test]
fn files_have_the_policy_that_the_manifest_gives_them() {
    let set = set(
        "[files.a]\npolicy = \"once\"\nmoved_from = \"b\"\n",
        &[("a", "text"), ("c", "")],
    )
    .unwrap();
    let of = |name: &str| set.manifest.file(&path(name));
    assert_eq!(of("a").policy, tac_bootstrap::templates::Policy::Once);
    assert_eq!(of("a").moved_from, Some(path("b")));
    assert_eq!(of("c"), tac_bootstrap::templates::FileSpec::default());
    assert_eq!(
        text(&render(&set, &Choices::default()).unwrap(), "a"),
        "text"
    );
}
