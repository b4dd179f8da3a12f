//! Settings: where each may come from, which source wins, and what `config` shows.

use std::collections::BTreeMap;
use std::path::Path;

use orchestrator::config::{SETTINGS, Setting};
use orchestrator::executors;
use serde_json::{Value, json};

use crate::support::program::Program;

const SOURCES: [&str; 4] = ["flag", "environment", ".env", "orchestrator.toml"];

/// A valid value of the setting for each source; they differ where the setting has enough values.
fn words(setting: &Setting) -> [&'static str; 4] {
    match setting.name() {
        "server.host" => ["127.0.0.1", "127.0.0.2", "::1", "localhost"],
        "server.cors_origins" => ["http://a", "http://b:1", "https://[::1]:2", "tauri://d"],
        "server.database_path" | "server.token_file" => ["/1.db", "/2.db", "/3.db", "/4.db"],
        "server.database_synchronous" => ["full", "normal", "full", "normal"],
        "agents.roots" | "worktrees.root" => ["/a", "/b", "/c", "/d"],
        "log.level" => ["error", "warn", "debug", "trace"],
        "log.format" => ["json", "text", "json", "text"],
        "ORCHESTRATOR_TOKEN" => ["0123456789abcdef0123456789abcdef"; 4],
        _ if setting.default().is_f64() => ["11.5", "12.5", "13.5", "14.5"],
        _ if setting.default().is_number() => ["11", "12", "13", "14"],
        _ => ["a", "b", "c", "d"],
    }
}

/// The value as the file spells it and as `config --json` shows it.
fn value(setting: &Setting, word: &str) -> Value {
    match setting.default() {
        Value::Number(_) => word.parse().unwrap(),
        Value::Array(_) => json!([word]),
        _ => json!(word),
    }
}

fn document(program: &Program, arguments: &[&str]) -> Value {
    let run = program.run(&[&["config", "--json"], arguments].concat());
    assert!(run.succeeded, "{}", run.err);
    serde_json::from_str(&run.out).unwrap()
}

/// What `config --json` says of one setting.
fn shown(document: &Value, name: &str) -> (Value, String) {
    let settings = document["settings"].as_array().unwrap();
    let found = settings
        .iter()
        .find(|line| line["env"] == name || line["key"] == name)
        .unwrap();
    let source = found["source"].as_str().unwrap();
    (found["value"].clone(), source.to_owned())
}

#[test]
fn the_strongest_source_wins_for_every_setting() {
    // A token and its file exclude each other: see the tests of the file.
    let rows = || {
        SETTINGS
            .iter()
            .filter(|row| row.name() != "server.token_file")
    };
    for subset in 0..1 << SOURCES.len() {
        let given = |rank: usize| subset & (1 << rank) != 0;
        let mut program = Program::new();
        let (mut flags, mut dotenv, mut file) = (Vec::new(), Vec::new(), Vec::new());
        for row in rows() {
            let words = words(row);
            if let (Some(flag), true) = (row.flag, given(0)) {
                flags.extend([format!("--{flag}"), words[0].to_owned()]);
            }
            if let (Some(env), true) = (row.env, given(1)) {
                program = program.variable(env, words[1]);
            }
            if let (Some(env), true) = (row.env, given(2)) {
                dotenv.push(format!("{env}={}", words[2]));
            }
            if let (Some(key), true) = (row.key, given(3)) {
                file.push(format!("{key} = {}", value(row, words[3])));
            }
        }
        let program = program
            .file(".env", dotenv.join("\n"))
            .file("orchestrator.toml", file.join("\n"));
        let flags: Vec<_> = flags.iter().map(String::as_str).collect();
        let document = document(&program, &flags);
        for row in rows() {
            let has = [row.flag, row.env, row.env, row.key].map(|name| name.is_some());
            let (shown, source) = shown(&document, row.name());
            let Some(rank) = (0..SOURCES.len()).find(|rank| given(*rank) && has[*rank]) else {
                assert_eq!(source, "default", "{}", row.name());
                assert_eq!(shown, row.default(), "{}", row.name());
                continue;
            };
            assert!(
                source.starts_with(SOURCES[rank]),
                "{}: {source}",
                row.name()
            );
            let expected = match row.name() {
                "ORCHESTRATOR_TOKEN" => json!("(hidden)"),
                _ => value(row, words(row)[rank]),
            };
            assert_eq!(shown, expected, "{} from {source}", row.name());
        }
    }
}

#[test]
fn a_source_is_named_with_its_place() {
    let program = Program::new()
        .file("orchestrator.toml", "[server]\n\n  port = 1\n")
        .file(".env", "WEB_UI_PORT=2")
        .variable("LOG_LEVEL", "warn");
    let run = program.run(&["config", "--host", "::1"]);
    let head: Vec<_> = run.out.lines().take(3).collect();
    insta::assert_snapshot!(head.join("\n"), @r#"
    # orchestrator.toml: [folder]/orchestrator.toml
    server.host = "::1"                                # flag --host
    server.port = 1                                    # orchestrator.toml line 3
    "#);
    assert!(run.out.contains("# .env WEB_UI_PORT\n"), "{}", run.out);
    assert!(run.out.contains("# environment LOG_LEVEL\n"), "{}", run.out);
}

#[test]
fn the_origins_follow_the_port_of_the_web_page_until_they_are_set() {
    let origins = |program: &Program| shown(&document(program, &[]), "CORS_ORIGINS").0;
    let program = Program::new().variable("WEB_UI_PORT", "3000");
    let both = json!(["http://localhost:3000", "http://127.0.0.1:3000"]);
    assert_eq!(origins(&program), both);
    let program = program.variable("CORS_ORIGINS", " https://a.example , http://b:8080,");
    assert_eq!(
        origins(&program),
        json!(["https://a.example", "http://b:8080"])
    );
    let file = "server.web_ui_port = 3000\nserver.cors_origins = [\"https://a.example\"]";
    let program = Program::new().file("orchestrator.toml", file);
    assert_eq!(origins(&program), json!(["https://a.example"]));
    let program = program.variable("WEB_UI_PORT", "4000");
    let followed = json!(["http://localhost:4000", "http://127.0.0.1:4000"]);
    assert_eq!(origins(&program), followed);
    let program = Program::new().file("orchestrator.toml", "server.cors_origins = []");
    assert_eq!(origins(&program), json!([]));
}

#[test]
fn paths_start_at_the_file_or_at_the_working_directory() {
    let path = |program: &Program, flags: &[&str]| {
        let (path, _) = shown(&document(program, flags), "DATABASE_PATH");
        let path = path.as_str().unwrap().to_owned();
        path.replace(program.path("").to_str().unwrap(), "[folder]/")
    };
    let toml = "server.database_path = 'a/b.db'";
    let program = Program::new().file("up/orchestrator.toml", toml);
    let config = ["--config", "up/orchestrator.toml"];
    assert_eq!(path(&program, &config), "up/a/b.db");
    let below = program
        .file("orchestrator.toml", toml)
        .file("x/y/.keep", "");
    let run = below
        .command(&["config"])
        .current_dir(below.path("x/y"))
        .output();
    let text = below.ended(&run.unwrap()).out;
    assert!(
        text.contains("database_path = \"[folder]/a/b.db\""),
        "{text}"
    );
    assert_eq!(path(&below, &["--database", "c.db"]), "c.db");
    assert_eq!(path(&below.variable("DATABASE_PATH", "d.db"), &[]), "d.db");
}

#[test]
fn the_variable_names_a_file_as_the_flag_does() {
    let program = Program::new()
        .file("one.toml", "server.port = 1")
        .file("two.toml", "server.port = 2")
        .variable("ORCHESTRATOR_CONFIG", "one.toml");
    let port = |flags: &[&str]| shown(&document(&program, flags), "server.port");
    assert_eq!(port(&[]), (json!(1), "one.toml line 1".to_owned()));
    assert_eq!(
        port(&["--config", "two.toml"]),
        (json!(2), "two.toml line 1".to_owned())
    );
}

#[test]
fn an_env_file_may_have_quotes_comments_exports_and_dos_line_ends() {
    let text = "\u{feff}# a comment\r\nexport ORCHESTRATOR_HOST='::1' # why\r\n\r\nWEBSOCKET_PORT=\"81\"\r\n\
                DATABASE_PATH='a $b #c.db'\r\nDEFAULT_MODEL=\r\nLOG_LEVEL=warn\r\nLOG_LEVEL=debug \
                \r\nOTHER_PROGRAM=1\r\nWEB_UI_PORT = 82 ";
    let document = document(&Program::new().file(".env", text), &[]);
    let value = |name| shown(&document, name).0;
    assert_eq!(value("ORCHESTRATOR_HOST"), "::1");
    assert_eq!(value("WEBSOCKET_PORT"), 81);
    assert_eq!(value("DATABASE_PATH"), "a $b #c.db");
    assert_eq!(value("DEFAULT_MODEL"), Value::Null);
    assert_eq!(value("LOG_LEVEL"), "debug");
    assert_eq!(value("WEB_UI_PORT"), 82);
}

#[test]
fn an_empty_variable_counts_as_absent() {
    let program = Program::new()
        .file(".env", "WEBSOCKET_PORT=81")
        .variable("WEBSOCKET_PORT", "");
    let (port, source) = shown(&document(&program, &[]), "server.port");
    assert_eq!((port, source.as_str()), (json!(81), ".env WEBSOCKET_PORT"));
}

#[test]
fn what_shells_set_for_themselves_is_no_setting() {
    let of_shells = "COLUMNS DISPLAY EDITOR EUID GROUP HISTFILE HOME HOST HOSTNAME HOSTTYPE IFS LANG \
                     LINES LOGNAME MACHTYPE MAIL OLDPWD OSTYPE PAGER PATH PPID PWD RANDOM REMOTEHOST \
                     SECONDS SHELL SHLVL STATUS TERM TMPDIR TTY TZ UID USER USERNAME VENDOR VISUAL";
    let variables = of_shells.split_whitespace();
    let program = variables.fold(Program::new(), |it, name| it.variable(name, "my-machine"));
    for setting in document(&program, &[])["settings"].as_array().unwrap() {
        assert_eq!(setting["source"], "default", "{setting}");
    }
}

#[test]
fn executors_are_shown_by_their_names() {
    let program = Program::new().file(
        "orchestrator.toml",
        "[executors.b-2]\nkind = 'command'\nprogram = ['x']\n[executors.claude]",
    );
    let executors = &document(&program, &[])["executors"];
    let names: Vec<_> = executors.as_object().unwrap().keys().collect();
    assert_eq!(names, ["b-2", "claude", "demo"]);
}

#[test]
fn an_executor_is_shown_in_full_and_its_variables_by_their_names_alone() {
    let program = Program::new()
        .file(
            "orchestrator.toml",
            "executors.x = { kind = 'command', program = ['./x'], env = ['KEY'], budget_usd = 2.5 }",
        )
        .variable("KEY", "not-to-be-seen");
    let shown = &document(&program, &[])["executors"]["x"];
    let keys = shown.as_object().unwrap();
    assert_eq!(keys.len(), executors::KEYS.len(), "{shown}");
    assert_eq!(shown["env"], json!(["KEY"]));
    assert_eq!(shown["budget_usd"], 2.5);
    let run = program.run(&["config"]);
    assert!(
        run.out.contains(&format!("\nexecutors.x = {shown}\n")),
        "{}",
        run.out
    );
    assert!(!run.out.contains("not-to-be-seen"));
}

#[test]
fn the_sample_of_the_variables_explains_each_and_sets_none() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(".env.sample");
    let text = std::fs::read_to_string(path).unwrap();
    let is_comment = |line: &str| ["", "#"].contains(&line) || line.starts_with("# ");
    assert!(text.lines().all(is_comment));
    // `# NAME=value`; a NAME is in capitals.
    let variable = |line: &'static str| {
        let (name, sample) = line.strip_prefix("# ")?.split_once('=')?;
        let is_name = name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        is_name.then_some((name, sample))
    };
    let mut samples = BTreeMap::new();
    for paragraph in text.leak().split("\n\n") {
        let found: Vec<_> = paragraph.lines().filter_map(variable).collect();
        let has_words = found.len() < paragraph.lines().count();
        assert!(has_words, "not explained: {paragraph}");
        samples.extend(found);
    }
    for row in SETTINGS {
        let Some(env) = row.env else { continue };
        let sample = samples.remove(env);
        let sample = sample.unwrap_or_else(|| panic!(".env.sample does not explain {env}"));
        match row.default() {
            Value::Null => {}
            Value::Array(items) if items.is_empty() => {}
            Value::Array(items) => {
                let items: Vec<_> = items.iter().filter_map(Value::as_str).collect();
                assert_eq!(sample, items.join(","));
            }
            Value::String(text) => assert_eq!(sample, text),
            other => assert_eq!(sample, other.to_string()),
        }
    }
    assert!(samples.is_empty(), "no such settings: {samples:?}");
}
