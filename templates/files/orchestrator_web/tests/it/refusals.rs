//! What the program says when it will not start: one line that names the place, one that helps.

use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};

use insta::assert_snapshot;
use orchestrator::config::{Text, Token};

use crate::support::program::Program;

const TOKEN: &str = "correct-horse-battery-staple-0123456789";

fn with_variable(name: &str, value: &str) -> String {
    Program::new().variable(name, value).refusal(&["config"])
}

fn with_file(text: impl AsRef<[u8]>) -> String {
    Program::new()
        .file("orchestrator.toml", text)
        .refusal(&["config"])
}

#[test]
fn a_wrong_value_is_shown_with_its_source_and_what_is_expected() {
    assert_snapshot!(Program::new().refusal(&["config", "--port", "eighty"]), @r#"
    error: --port is "eighty", not a whole number from 0 to 65535
    hint: correct it, or remove it for the default, 8000
    "#);
    assert_snapshot!(with_variable("WEBSOCKET_PORT", "65536"), @r#"
    error: WEBSOCKET_PORT in the environment is "65536", not a whole number from 0 to 65535
    hint: correct it, or remove it for the default, 8000
    "#);
    assert_snapshot!(Program::new().file(".env", "WEB_UI_PORT=0").refusal(&["config"]), @r#"
    error: WEB_UI_PORT in .env is "0", not a whole number from 1 to 65535
    hint: correct it, or remove it for the default, 5173
    "#);
    assert_snapshot!(with_file("[server]\nport = \"8000\"\n"), @r#"
    error: [folder]/orchestrator.toml:2:8: server.port is "8000", not a whole number from 0 to 65535
    hint: correct it, or remove it for the default, 8000
    "#);
    assert_snapshot!(with_file("server.cors_origins = [1,\n 2]"), @r#"
    error: [folder]/orchestrator.toml:1:23: server.cors_origins is [1, 2], not a list in which each item is an origin such as http://localhost:3000 (lower case, no path, no default port)
    hint: correct it, or remove it for the default, ["http://localhost:5173","http://127.0.0.1:5173"]
    "#);
    assert_snapshot!(with_file("project.commands.test = 'cargo test'"), @"
    error: [folder]/orchestrator.toml:1:25: project.commands.test is 'cargo test', not a list in which each item is text
    hint: correct it, or remove it for the default, []
    ");
}

#[test]
fn a_value_of_each_type_has_its_own_words() {
    assert_snapshot!(with_variable("ORCHESTRATOR_HOST", "my-machine"), @r#"
    error: ORCHESTRATOR_HOST in the environment is "my-machine", not an IP address or localhost
    hint: correct it, or remove it for the default, "localhost"
    "#);
    assert_snapshot!(with_variable("CORS_ORIGINS", "http://ok.example, http://localhost:5173/"), @r#"
    error: CORS_ORIGINS in the environment has an item that is "http://localhost:5173/", not an origin such as http://localhost:3000 (lower case, no path, no default port)
    hint: correct it, or remove it for the default, ["http://localhost:5173","http://127.0.0.1:5173"]
    "#);
    assert_snapshot!(with_variable("ALLOWED_HOSTS", "http://box"), @r#"
    error: ALLOWED_HOSTS in the environment has an item that is "http://box", not a host name such as box.example.org, without scheme or port
    hint: correct it, or remove it for the default, []
    "#);
    assert_snapshot!(with_variable("DATABASE_SYNCHRONOUS", "off"), @r#"
    error: DATABASE_SYNCHRONOUS in the environment is "off", not normal or full
    hint: correct it, or remove it for the default, "normal"
    "#);
    assert_snapshot!(with_variable("DEFAULT_MODEL", "--help"), @r#"
    error: DEFAULT_MODEL in the environment is "--help", not a model name: letters, digits and . _ : / @ [ ] -, starting with a letter or digit
    hint: correct it, or remove it to do without
    "#);
    assert_snapshot!(with_variable("LOG_LEVEL", "loud"), @r#"
    error: LOG_LEVEL in the environment is "loud", not error, warn, info, debug or trace
    hint: correct it, or remove it for the default, "info"
    "#);
    assert_snapshot!(with_variable("LOG_FORMAT", "xml"), @r#"
    error: LOG_FORMAT in the environment is "xml", not text or json
    hint: correct it, or remove it for the default, "text"
    "#);
    assert_snapshot!(with_variable("RETENTION_LOGS_DAYS", "-1"), @r#"
    error: RETENTION_LOGS_DAYS in the environment is "-1", not a whole number from 0 to 65535
    hint: correct it, or remove it for the default, 30
    "#);
    assert_snapshot!(with_file("project.name = 'a b'"), @r#"
    error: [folder]/orchestrator.toml:1:16: project.name is "a b", not a name: letters, digits and . _ -, starting with a letter or digit
    hint: correct it, or remove it for the default, "orchestrator"
    "#);
    assert_snapshot!(with_file("server.database_path = ''"), @r#"
    error: [folder]/orchestrator.toml:1:24: server.database_path is '', not a path
    hint: correct it, or remove it for the default, "./data/orchestrator.db"
    "#);
}

#[test]
fn origins_are_those_that_a_browser_sends() {
    for origin in [
        "*",
        "null",
        "localhost:1",
        "http://",
        "http://a/",
        "http://A",
        "http://a:80",
    ] {
        let refusal = with_variable("CORS_ORIGINS", origin);
        assert!(refusal.contains("not an origin such as"), "{refusal}");
    }
}

#[test]
fn an_unknown_key_is_placed_and_the_nearest_known_one_named() {
    assert_snapshot!(with_file("[server]\nprot = 1\n"), @"
    error: [folder]/orchestrator.toml:2:1: unknown key server.prot
    hint: the nearest known key is server.port
    ");
    assert_snapshot!(with_file("é = 1\n"), @"
    error: [folder]/orchestrator.toml:1:1: invalid unquoted key, expected letters, numbers, `-`, `_`
    hint: the file must be TOML, see https://toml.io
    ");
    assert_snapshot!(with_file("port = 1"), @"
    error: [folder]/orchestrator.toml:1:1: unknown key port
    hint: the nearest known key is server.port
    ");
    assert_snapshot!(with_file("[sever]\nport = 1"), @"
    error: [folder]/orchestrator.toml:1:2: unknown key sever
    hint: the nearest known key is server
    ");
    assert_snapshot!(with_file("[server]\nfrobnicate = 1"), @"
    error: [folder]/orchestrator.toml:2:1: unknown key server.frobnicate
    hint: `orchestrator_web --help` lists the keys
    ");
    assert_snapshot!(with_file("server = 1"), @"
    error: [folder]/orchestrator.toml:1:1: server is not a table
    hint: write [server], and its keys below
    ");
    assert_snapshot!(with_file("executors = 1"), @"
    error: [folder]/orchestrator.toml:1:1: executors is not a table
    hint: write [executors], and its keys below
    ");
    assert_snapshot!(with_file("[project]\n[project.commands]\n  typecheck = []"), @"
    error: [folder]/orchestrator.toml:3:3: unknown key project.commands.typecheck
    hint: the nearest known key is project.commands.type-check
    ");
    assert_snapshot!(with_file("[server]\ntoken = \"geheim\""), @"
    error: [folder]/orchestrator.toml:2:1: unknown key server.token
    hint: this file is shared; set ORCHESTRATOR_TOKEN, or name a file in server.token_file
    ");
    assert_snapshot!(with_file("[executors.Bad]"), @"
    error: [folder]/orchestrator.toml:1:12: executors.Bad is not a table with a valid name
    hint: write [executors.name], the name in lower case: letters, digits, _ and -
    ");
    assert_snapshot!(with_file("executors.good = 1"), @"
    error: [folder]/orchestrator.toml:1:11: executors.good is not a table with a valid name
    hint: write [executors.name], the name in lower case: letters, digits, _ and -
    ");
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    assert_snapshot!(with_file("[server]\nport = = 1\n"), @"
    error: [folder]/orchestrator.toml:2:8: extra `=`, expected nothing
    hint: the file must be TOML, see https://toml.io
    ");
    assert_snapshot!(with_file(b"# ok\n\xff"), @"
    error: cannot read [folder]/orchestrator.toml: line 2 is not valid UTF-8
    hint: save the file as UTF-8
    ");
    assert_snapshot!(Program::new().refusal(&["config", "--config", "none.toml"]), @"
    error: cannot read none.toml: no such file or directory
    hint: check the path; relative paths start at the working directory
    ");
    assert_snapshot!(Program::new().refusal(&["config", "--config", "."]), @"
    error: cannot read .: is a directory
    hint: name the file in it, or move the directory out of the way
    ");
    let program = Program::new();
    std::fs::create_dir(program.path(".env")).unwrap();
    assert_snapshot!(program.refusal(&["config"]), @"
    error: cannot read .env: is a directory
    hint: name the file in it, or move the directory out of the way
    ");
}

#[test]
fn a_bad_line_of_an_env_file_is_placed_but_not_shown() {
    let text = format!("A=1\n# b\nORCHESTRATOR_TOKEN {TOKEN}\n");
    assert_snapshot!(Program::new().file(".env", text).refusal(&["config"]), @"
    error: .env:3: not of the form NAME=value
    hint: put a value with spaces or a $ in single quotes, and a # before a comment
    ");
    let text = format!("A=1\nORCHESTRATOR_TOKEN='{TOKEN}\n");
    assert_snapshot!(Program::new().file(".env", text).refusal(&["config"]), @"
    error: .env:2: not of the form NAME=value
    hint: put a value with spaces or a $ in single quotes, and a # before a comment
    ");
}

#[test]
fn a_token_is_long_visible_and_given_once() {
    assert_snapshot!(with_variable("ORCHESTRATOR_TOKEN", "short-secret"), @"
    error: ORCHESTRATOR_TOKEN in the environment is not a token: 32 or more visible ASCII characters
    hint: correct it, or remove it to do without
    ");
    assert_snapshot!(with_variable("ORCHESTRATOR_TOKEN", &TOKEN.replace('-', " ")), @"
    error: ORCHESTRATOR_TOKEN in the environment is not a token: 32 or more visible ASCII characters
    hint: correct it, or remove it to do without
    ");
    let both = Program::new()
        .variable("ORCHESTRATOR_TOKEN", TOKEN)
        .file("orchestrator.toml", "server.token_file = 'token'");
    assert_snapshot!(both.refusal(&["config"]), @"
    error: [folder]/orchestrator.toml:1:21: server.token_file is set, and so is ORCHESTRATOR_TOKEN in the environment
    hint: keep one of the two
    ");
}

/// A program whose `token_file` holds `text` and has the mode.
fn with_token_file(text: &str, mode: u32) -> Program {
    let program = Program::new()
        .file("secret", text)
        .file("orchestrator.toml", "server.token_file = 'secret'");
    std::fs::set_permissions(program.path("secret"), PermissionsExt::from_mode(mode)).unwrap();
    program
}

#[test]
fn a_token_file_must_be_ours_alone_and_hold_a_token() {
    assert_snapshot!(with_token_file(TOKEN, 0o640).refusal(&["config"]), @"
    error: the token file [folder]/secret is open to other users
    hint: chmod 600 [folder]/secret, and consider a new token
    ");
    assert_snapshot!(with_token_file("short", 0o600).refusal(&["config"]), @"
    error: the token file [folder]/secret does not hold a token: 32 or more visible ASCII characters
    hint: openssl rand -hex 32 > [folder]/secret writes one
    ");
    assert_snapshot!(with_variable("ORCHESTRATOR_TOKEN_FILE", "none"), @"
    error: cannot read the token file none: no such file or directory
    hint: ORCHESTRATOR_TOKEN_FILE or server.token_file names it; check the path and who may read it
    ");
    assert_snapshot!(with_variable("ORCHESTRATOR_TOKEN_FILE", "/"), @"
    error: the token file / is not a file
    hint: name a file that holds the token and nothing else
    ");
    // root gives a file away; anyone else finds one that is root's.
    let program = with_token_file(TOKEN, 0o600);
    let foreign = if std::fs::metadata(program.path("secret")).unwrap().uid() == 0 {
        chown(program.path("secret"), Some(65_534), None).unwrap();
        "secret"
    } else {
        "/etc/passwd"
    };
    let program = program
        .file("orchestrator.toml", "")
        .variable("ORCHESTRATOR_TOKEN_FILE", foreign);
    assert_snapshot!(program.refusal(&["config"]).replace(foreign, "FILE"), @"
    error: the token file FILE belongs to another user
    hint: make the user that runs the service its owner: chown
    ");
}

#[test]
fn a_token_is_never_shown() {
    let line = format!("ORCHESTRATOR_TOKEN={TOKEN}\n");
    let programs = [
        Program::new().variable("ORCHESTRATOR_TOKEN", TOKEN),
        Program::new().file(".env", line),
        with_token_file(&format!("{TOKEN}\n"), 0o400),
    ];
    for program in programs {
        for arguments in [
            &["config"][..],
            &["config", "--json"],
            &["health", "--port", "1"],
        ] {
            let run = program.run(arguments);
            assert!(
                !run.out.contains(TOKEN) && !run.err.contains(TOKEN),
                "{run:?}"
            );
            assert!(
                run.out.contains("(hidden)") || arguments[0] == "health",
                "{run:?}"
            );
        }
    }
    let token = Token::parse(TOKEN).unwrap();
    assert_eq!(format!("{token:?}"), "(hidden)");
}

#[test]
fn other_machines_are_served_with_a_token_only() {
    assert_snapshot!(Program::new().refusal(&["--host", "0.0.0.0"]), @"
    error: --host opens the service to other machines, and no token protects it
    hint: set ORCHESTRATOR_TOKEN to what `openssl rand -hex 32` prints, or leave the host at localhost
    ");
    let program = Program::new().file("orchestrator.toml", "server.host = '::'");
    assert_snapshot!(program.refusal(&["serve"]), @"
    error: [folder]/orchestrator.toml:1:15: server.host opens the service to other machines, and no token protects it
    hint: set ORCHESTRATOR_TOKEN to what `openssl rand -hex 32` prints, or leave the host at localhost
    ");
}
