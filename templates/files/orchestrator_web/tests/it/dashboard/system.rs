use std::path::Path;

use orchestrator::config::{Keep, Settings};
use serde_json::json;

use crate::runs::support::Host;
use crate::support::Service;
use crate::support::program::Program;

const TOKEN: &str = "correct-horse-battery-staple-0123456789";

#[tokio::test]
async fn each_part_of_the_service_is_shown_with_its_reason() {
    let service = Service::start();
    let page = service.visit("/system").await;
    page.shows("<td class=\"whole\">writer</td><td><span class=\"state done\">well</span></td><td>it has just written</td>");
    // Nobody supervises in this test.
    page.shows(
        "<td class=\"whole\">supervisor</td><td><span class=\"state waiting\">limited</span></td>",
    );
    page.shows(&format!("<dd>{}</dd>", env!("CARGO_PKG_VERSION")));
    page.shows("there is no <code>.tac/</code>");

    std::fs::remove_file(service.app.db.path()).unwrap();
    let page = service.visit("/system?part=health").await;
    page.shows("<span class=\"state failed\">failed</span></td><td>the database file is gone</td>");
}

#[tokio::test]
async fn settings_are_shown_with_where_they_came_from_and_secrets_are_not() {
    let toml = "[limits]\nmax_connections = 77\n[executors.bot]\nkind = 'command'\n\
                program = ['<b>bot</b>']\nenv = ['SECRET_KEY']";
    let program = Program::new()
        .file("orchestrator.toml", toml)
        .file(
            ".tac/tac.toml",
            "schema = 1\n[templates]\nname = 'orchestrator'\nversion = '9.9.9'\n",
        )
        .variable("ORCHESTRATOR_TOKEN", TOKEN)
        .variable("SECRET_KEY", "sesame")
        .variable("LOG_LEVEL", "warn");
    let host = Host::again(program, String::new()).with_token(TOKEN);
    let page = host.visit("/system").await;
    for row in [
        "<code>77</code></td><td class=\"hide-s\">orchestrator.toml line 2</td>",
        "<code>warn</code></td><td class=\"hide-s\">environment LOG_LEVEL</td>",
        "<code>(hidden)</code></td><td class=\"hide-s\">environment ORCHESTRATOR_TOKEN</td>",
        "<code>60</code></td><td class=\"hide-s\">default</td>",
        "<summary><code>executors.bot</code></summary>",
        "not found: the program of bot",
        "<dd>orchestrator 9.9.9</dd>",
    ] {
        page.shows(row);
    }
    for harm in [TOKEN, "sesame", "<b>bot"] {
        page.shows_no(harm);
    }
}

#[tokio::test]
async fn a_backup_is_asked_for_made_and_listed_and_the_one_that_goes_is_named() {
    let service = Service::with(Settings {
        backups_max: 1,
        ..Settings::default()
    });
    let page = service.visit("/system").await;
    page.shows("None yet.");
    let folder = service.app.db.path().with_file_name("backups");
    let question = service.visit("/system/backup").await;
    question.shows(&format!("is written into {}", folder.display()));
    question.shows("<button class=\"primary\">Back up</button>");
    question.shows_no(" goes: ");
    assert!(!folder.exists());

    let done = service.submit("/system/backup", &[]).await;
    assert_eq!(done.leads_to(), "/system#backups");
    let made = service.get("/api/backups").await.body;
    let file = Path::new(made[0]["path"].as_str().unwrap());
    let file = file.file_name().unwrap().to_str().unwrap();
    let page = service.visit("/system?part=backups").await;
    page.shows(&format!("<code>{file}</code>"));
    page.shows("<td class=\"num\"><span data-since=");
    let question = service.visit("/system/backup?part=question").await;
    question.shows(&format!("{file} goes: the newest 1 are kept."));

    let alone = service.app.backing_up.lock().await;
    let refused = service.submit("/system/backup", &[]).await;
    assert_eq!(refused.status, 409);
    refused.shows("a backup is being made already");
    drop(alone);
}

#[tokio::test]
async fn backups_that_cannot_be_listed_take_nothing_else_from_the_page() {
    let service = Service::start();
    let folder = service.app.db.path().with_file_name("backups");
    std::fs::write(&folder, "a file in its place").unwrap();
    let page = service.visit("/system").await;
    assert_eq!(page.status, 200);
    page.shows("</span> the folder of the backups cannot be read; the service&#39;s log says why.");
    page.shows("<strong>–</strong><em>cannot be told</em>");
    page.shows("<td>Prompts</td>");
    std::fs::remove_file(&folder).unwrap();
    service
        .visit("/system?part=backups")
        .await
        .shows("None yet.");
}

#[tokio::test]
async fn what_is_kept_is_shown_with_what_goes_next() {
    let mut settings = Settings::default();
    settings.retention.logs = Keep { days: 0, max: 2 };
    let service = Service::with(settings);
    let agent = service.instance(&service.agent("planner").await).await;
    let line =
        json!({ "agent_id": agent, "log_level": "INFO", "log_type": "output", "message": "" });
    service
        .given("/api/runtime/logs", json!([line, line, line]))
        .await;
    let page = service.visit("/system?part=retention").await;
    page.shows("<td>Log lines of agents</td><td class=\"whole\">ever</td><td class=\"num\">2</td>");
    page.shows("</time></td><td class=\"num\">1</td>");
    page.shows("<td>Prompts</td><td class=\"whole\">90 days</td><td class=\"num\">50,000</td>");
}
