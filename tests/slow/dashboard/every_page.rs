//! Each page, empty and full, at each width and in each theme: it fits, and axe finds nothing that keeps
//! people out. With `SCREENSHOTS` set, what is seen goes into `docs/screenshots/`; that needs pngquant.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::browser::Browser;
use crate::dashboard::full::{self, Things};
use crate::dashboard::{IS_LIVE, Place};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What the READMEs show, by the names that it has in the service's `docs/`.
const SHOWN: [(&str, &str); 2] = [
    ("overview-full-light-wide.png", "overview.png"),
    ("runs-one-full-dark-wide.png", "run.png"),
];

#[test]
fn every_page_of_a_new_project_fits_and_keeps_nobody_out() {
    let place = Place::new("");
    let pages = pages(&place, |_| None);
    assert!(8 < pages.len(), "{pages:?}");
    let mut eye = Eye::new(&place, &[(1440, "dark"), (360, "light")], "empty");
    for (name, path) in pages {
        eye.look_at(&name, &path);
    }
    eye.tell();
}

#[test]
fn every_page_of_a_project_at_work_fits_and_keeps_nobody_out() {
    let place = Place::new(full::SETTINGS);
    let things = full::fill(&place);
    let pages = pages(&place, |path| Some(things.id(path)));
    let looks = [
        (1440, "light"),
        (1440, "dark"),
        (360, "dark"),
        (3840, "light"),
    ];
    let mut eye = Eye::new(&place, &looks, "full");
    for (name, path) in pages {
        eye.look_at(&name, &path);
    }
    for (name, run) in &things.others {
        eye.look_at(&format!("run-{name}"), &format!("/runs/{run}"));
    }
    eye.look_at("missing", "/runs/missing");
    place.service.stop_all();
    eye.tell();
}

/// The names and paths of all pages that the service's document describes, with what `id` says in the
/// place of parameters; without those for which it says nothing.
fn pages<'a>(place: &Place, id: impl Fn(&str) -> Option<&'a str>) -> Vec<(String, String)> {
    let document = place.send("GET /openapi.json", &Value::Null);
    let mut pages = vec![("overview".to_owned(), "/".to_owned())];
    for (path, item) in document["paths"].as_object().unwrap() {
        let get = &item["get"];
        let answer = &get["responses"]["200"]["content"]["text/html"];
        if get["tags"][0] != "dashboard" || answer.is_null() {
            continue;
        }
        let parameter = path
            .split_once('{')
            .and_then(|(_, rest)| rest.split_once('}'));
        let (mut name, mut known) = (path.clone(), path.clone());
        if let Some((parameter, _)) = parameter {
            let Some(id) = id(path) else { continue };
            let parameter = format!("{{{parameter}}}");
            name = name.replace(&parameter, "one");
            known = known.replace(&parameter, id);
        }
        pages.push((name[1..].replace('/', "-"), known));
    }
    pages
}

impl Things {
    /// What stands in the place of the parameter of this path.
    fn id(&self, path: &str) -> &str {
        match path {
            _ if path.starts_with("/agents/") => &self.agents,
            _ if path.starts_with("/runs/") => &self.runs,
            "/workflows/start/{definition}" => "release",
            _ if path.starts_with("/embeds/") => "mlflow",
            _ if path.starts_with("/workflows/") => &self.workflows,
            _ => panic!("nothing is known to show at {path}"),
        }
    }
}

/// Looks at pages, and remembers what is wrong with them.
struct Eye<'a> {
    browser: Browser,
    /// Widths and themes.
    looks: &'a [(u32, &'static str)],
    state: &'static str,
    axe: String,
    findings: Vec<String>,
}

impl<'a> Eye<'a> {
    fn new(place: &Place, looks: &'a [(u32, &'static str)], state: &'static str) -> Self {
        let axe = Path::new(ROOT).join(".tools/axe/node_modules/axe-core/axe.min.js");
        let axe = fs::read_to_string(axe).expect("axe-core: ./scripts/test installs it");
        let (browser, findings) = (place.browser(), Vec::new());
        Self {
            browser,
            looks,
            state,
            axe,
            findings,
        }
    }

    fn look_at(&mut self, name: &str, path: &str) {
        self.browser.go(path);
        self.browser
            .wait(&format!("!document.getElementById('live') || {IS_LIVE}"));
        let axe = self.browser.bring(&self.axe);
        for (width, scheme) in self.looks {
            self.browser.look(*width, scheme);
            let at = format!("{path} at {width}, {scheme}");
            let wide = self.browser.value("document.documentElement.scrollWidth");
            if u64::from(*width) < wide.as_u64().unwrap() {
                self.findings.push(format!("{at}: is {wide} wide"));
            }
            let violations = self.browser.value_in(&axe, "axe.run({ preload: false, resultTypes: ['violations'] }) \
                .then(({ violations }) => violations.flatMap(({ id, impact, nodes }) => \
                nodes.map(({ target, failureSummary }) => `${impact} ${id}: ${target} ${failureSummary}`)))");
            for violation in violations.as_array().unwrap() {
                self.findings.push(format!("{at}: {violation}"));
            }
            // Of a 4K screen nothing is kept.
            if *width <= 1440 && std::env::var_os("SCREENSHOTS").is_some() {
                let size = if *width < 1000 { "narrow" } else { "wide" };
                let file = format!("{name}-{}-{scheme}-{size}.png", self.state);
                keep(&self.browser.photograph(), &file);
            }
        }
    }

    #[track_caller]
    fn tell(mut self) {
        assert!(self.findings.is_empty(), "{:#?}", self.findings);
        self.browser.is_content_but_for(&["404 (Not Found)"]);
    }
}

/// Writes what is a PNG in base64, in few colours.
fn keep(picture: &str, file: &str) {
    let folder = Path::new(ROOT).join("docs/screenshots");
    fs::create_dir_all(&folder).unwrap();
    let mut command = Command::new("sh");
    let mut command = command
        .args(["-c", "base64 --decode | pngquant 128 --speed 1 - > \"$0\""])
        .arg(folder.join(file))
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = command.stdin.take().unwrap();
    input.write_all(picture.as_bytes()).unwrap();
    drop(input);
    assert!(command.wait().unwrap().success(), "{file}");
    if let Some((_, name)) = SHOWN.iter().find(|(shown, _)| *shown == file) {
        let service = Path::new(ROOT).join("reference-backend/orchestrator_web/docs");
        fs::copy(folder.join(file), service.join(name)).unwrap();
    }
}
