//! A page as the texts that stand on it.

/// Elements that begin a line of their own.
const BLOCKS: [&str; 18] = [
    "article", "details", "div", "dl", "dt", "fieldset", "figure", "form", "h2", "h3", "li", "ol",
    "p", "pre", "section", "summary", "tr", "ul",
];

/// The texts of a page's main part, or of the part that was asked for, a line for each block: `|` between cells, `[…]` around what can be
/// used, `…` for what is another each time.
pub fn outline(html: &str) -> String {
    let main = html.split_once("<main").map_or(html, |(_, rest)| rest);
    let main = main.split_once("</main>").map_or(main, |(main, _)| main);
    let mut text = String::new();
    // The element whose contents are left out.
    let mut inside = None;
    for piece in main.split('<').skip(1) {
        let (tag, rest) = piece.split_once('>').unwrap();
        let name = tag.split([' ', '\n']).next().unwrap();
        let (name, is_end) = match name.strip_prefix('/') {
            Some(name) => (name, true),
            None => (name, false),
        };
        if let Some(element) = inside {
            if element != name || !is_end {
                continue;
            }
            inside = None;
        } else if name == "svg" || name == "time" || tag.contains(" data-since=") {
            inside = Some(name);
            text.push('…');
            continue;
        }
        text.push_str(match (name, is_end) {
            ("td" | "th" | "dd", false) => " | ",
            ("button" | "textarea" | "select", false) => " [",
            ("button" | "textarea" | "select", true) => "]",
            ("option", false) => " / ",
            ("input", _) if !tag.contains("type=\"hidden\"") => " [_] ",
            (name, false) if BLOCKS.contains(&name) => "\n",
            _ => " ",
        });
        text.push_str(&rest.replace('\n', " "));
    }
    let lines = text.lines().map(line).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join("\n")
}

/// The words of a line, so far as it tells more, with `…` for times, shares and sizes.
fn line(text: &str) -> String {
    let text = text.replace("&#34;", "\"").replace("&#39;", "'");
    let text = text.replace(env!("CARGO_PKG_VERSION"), "[version]");
    let mut words: Vec<_> = text.split_whitespace().collect();
    for place in 1..words.len() {
        if ["ms", "s", "%", "kB", "MB", "GB"].contains(&words[place]) {
            words[place - 1] = "…";
        }
    }
    words.join(" ").chars().take(120).collect()
}
