//! The answers and options that a template mentions. An unknown one has to be found before it is rendered: in a
//! condition the engine takes it for false.

use std::sync::LazyLock;

use regex_lite::{Captures, Regex};

use super::in_templates;
use crate::error::unknown;
use crate::templates::Manifest;
use crate::{Error, Result};

/// What stands at the beginning: text that is not looked at, a comment or a raw block; or a tag. A string in a tag may
/// hold the end of a tag.
static TAG: LazyLock<Regex> = LazyLock::new(|| {
    let raw = r"<%-?\s*raw\s*-?%>.*?<%-?\s*endraw\s*-?%>";
    let tag = format!(r"<[%@](?:{STRING}|.)*?[%@]>");
    Regex::new(&format!("(?s)^(?:<~.*?~>|{raw}|({tag}))")).expect("the expression is constant")
});

const STRING: &str = r#"(?:"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)"#;

static STRINGS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(&format!("(?s){STRING}")).expect("the expression is constant"));

/// `answers`, `answers.NAME` or `answers.NAME.KEY`; a key in brackets is no plain one.
static MENTION: LazyLock<Regex> = LazyLock::new(|| {
    let part = r"\s*\??\.\s*([A-Za-z0-9_]+)";
    let key = r"\s*\??(?:\.\s*([A-Za-z0-9_]+)|(\[))";
    Regex::new(&format!(r"\b(answers|options)\b(?:{part}(?:{key})?)?"))
        .expect("the expression is constant")
});

/// Checks every `answers.NAME`, `answers.NAME.KEY` and `options.NAME` in the tags of a template.
pub(super) fn check(manifest: &Manifest, text: &str) -> Result<()> {
    let mut rest = text;
    // Most of a template is none of its tags.
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        let Some(found) = TAG.captures(rest) else {
            rest = &rest[1..];
            // One without its end is refused by the engine.
            if rest.starts_with(['%', '@', '~']) {
                break;
            }
            continue;
        };
        if let Some(tag) = found.get(1) {
            let tag = STRINGS.replace_all(tag.as_str(), "\"\"");
            for found in MENTION.captures_iter(&tag) {
                check_mention(manifest, &found)?;
            }
        }
        rest = &rest[found[0].len()..];
    }
    Ok(())
}

fn check_mention(manifest: &Manifest, found: &Captures) -> Result<()> {
    let part = |at| found.get(at).map(|part| part.as_str());
    let name = part(2).unwrap_or_default();
    if &found[1] == "options" {
        let options: Vec<String> = manifest.options.keys().map(in_templates).collect();
        known("option of the template set", name, &options)?;
        // An option is true or false, and holds nothing.
        return part(3).map_or(Ok(()), |key| known("part of an option", key, &[]));
    }
    let answers: Vec<String> = manifest.answers.keys().map(in_templates).collect();
    known("answer of the template set", name, &answers)?;
    let mut specs = manifest.answers.iter();
    let spec = specs.find(|(answer, _)| in_templates(answer) == name);
    let keys = spec.and_then(|(answer, spec)| spec.keys(answer));
    match (part(3), part(4), keys) {
        (Some(key), _, keys) => {
            let keys: Vec<String> = keys.iter().flatten().map(in_templates).collect();
            known(&format!("key of the answer `{name}`"), key, &keys)
        }
        (None, Some(_), Some(_)) => Err(Error::new(
            format!("`{}…` looks a key of a table up", &found[0]),
            format!("write it with a dot: `answers.{name}.KEY`"),
        )),
        _ => Ok(()),
    }
}

fn known(what: &str, name: &str, names: &[String]) -> Result<()> {
    if names.iter().any(|known| known == name) {
        return Ok(());
    }
    Err(unknown(what, name, names.iter().map(String::as_str)))
}
