//! What one types to start, test, lint, format, type-check and build the orchestrated project.

use super::stacks::{Framework, Language, PackageManager, Stack};

/// One command: the program and its arguments. Empty where the stack has none.
pub type Argv = Vec<String>;

/// The commands, under their names in `orchestrator.toml`.
pub const NAMES: [&str; 6] = ["start", "test", "lint", "format", "type-check", "build"];

/// The usual command of that name for the stack; empty without a package manager, which would run it.
pub fn usual(stack: Stack, name: &str) -> Argv {
    use PackageManager::{Bun, Cargo, Go, Gradle, Maven, None, Npm, Pip, Pnpm, Poetry, Uv, Yarn};
    let line = match stack.package_manager {
        Uv => python(
            stack.framework,
            name,
            ["uv run", "uv run python", "uv build"],
        ),
        Poetry => python(
            stack.framework,
            name,
            ["poetry run", "poetry run python", "poetry build"],
        ),
        Pip => python(
            stack.framework,
            name,
            ["python -m", "python", "python -m build"],
        ),
        Pnpm => node(stack, name, "pnpm run", "pnpm exec"),
        Npm => node(stack, name, "npm run", "npx"),
        Yarn => node(stack, name, "yarn run", "yarn exec"),
        Bun => node(stack, name, "bun run", "bunx"),
        Go => go(name).to_owned(),
        Cargo => cargo(name).to_owned(),
        Maven => maven(stack.framework, name).to_owned(),
        Gradle => gradle(stack.framework, name).to_owned(),
        None => String::new(),
    };
    line.split_whitespace().map(str::to_owned).collect()
}

/// `tool` runs a Python tool, `script` a file.
fn python(framework: Framework, name: &str, [tool, script, build]: [&str; 3]) -> String {
    match (name, framework) {
        ("start", Framework::Fastapi) => format!("{tool} uvicorn main:app --reload"),
        ("start", Framework::Django) => format!("{script} manage.py runserver"),
        ("start", Framework::Flask) => format!("{tool} flask run"),
        ("start", _) => format!("{script} main.py"),
        ("test", Framework::Django) => format!("{script} manage.py test"),
        ("test", _) => format!("{tool} pytest"),
        ("lint", _) => format!("{tool} ruff check ."),
        ("format", _) => format!("{tool} ruff format ."),
        ("type-check", _) => format!("{tool} mypy ."),
        ("build", _) => build.to_owned(),
        _ => String::new(),
    }
}

/// `run` runs a script of `package.json`, `exec` a program among the dependencies.
fn node(stack: Stack, name: &str, run: &str, exec: &str) -> String {
    match (name, stack.framework, stack.language) {
        ("start", Framework::Nestjs, _) => format!("{run} start:dev"),
        ("start", Framework::Express | Framework::None, _) => format!("{run} start"),
        ("start", ..) => format!("{run} dev"),
        ("type-check", _, Language::Typescript) => format!("{exec} tsc --noEmit"),
        ("test" | "lint" | "format" | "build", ..) => format!("{run} {name}"),
        _ => String::new(),
    }
}

fn go(name: &str) -> &'static str {
    match name {
        "start" => "go run .",
        "test" => "go test ./...",
        "lint" => "golangci-lint run",
        "format" => "gofmt -w .",
        "type-check" => "go vet ./...",
        "build" => "go build ./...",
        _ => "",
    }
}

fn cargo(name: &str) -> &'static str {
    match name {
        "start" => "cargo run",
        "test" => "cargo test",
        "lint" => "cargo clippy --all-targets",
        "format" => "cargo fmt",
        "type-check" => "cargo check --all-targets",
        "build" => "cargo build --release",
        _ => "",
    }
}

/// Formatting is a plug-in of one's own choice with Maven, and with Gradle.
fn maven(framework: Framework, name: &str) -> &'static str {
    match (name, framework) {
        ("start", Framework::Spring) => "mvn spring-boot:run",
        ("start", _) => "mvn exec:java",
        ("test", _) => "mvn test",
        ("lint", _) => "mvn checkstyle:check",
        ("type-check", _) => "mvn compile",
        ("build", _) => "mvn package",
        _ => "",
    }
}

fn gradle(framework: Framework, name: &str) -> &'static str {
    match (name, framework) {
        ("start", Framework::Spring) => "gradle bootRun",
        ("start", _) => "gradle run",
        ("test", _) => "gradle test",
        ("lint", _) => "gradle check",
        ("type-check", _) => "gradle classes",
        ("build", _) => "gradle build",
        _ => "",
    }
}
