//! The reference's answers, found in its text and replaced by what renders them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use regex_lite::Regex;

use super::config::{Config, Substitution};
use crate::parse::line_of;
use crate::tree::{RelPath, Tree};
use crate::{Error, Result};

pub(super) struct Substitutions<'a> {
    needles: Vec<Needle<'a>>,
    /// What may occur nowhere without being listed, numbers and answers that are looked for alone, and its answer.
    sentinels: BTreeMap<String, &'a str>,
}

/// What is looked for, and what is put in its place.
struct Needle<'a> {
    text: String,
    template: String,
    listed: &'a Substitution,
}

impl<'a> Substitutions<'a> {
    pub(super) fn new(config: &'a Config, reference: &Tree) -> Result<Self> {
        let mut needles: Vec<Needle> = Vec::new();
        let mut sentinels = BTreeMap::new();
        for listed in &config.substitutions {
            needles.push(needle(config, listed)?);
            let plain = config.spelt(&listed.answer, None).ok();
            if let Some(text) = plain.filter(|text| listed.pattern == "@" || is_number(text)) {
                sentinels.insert(text, listed.answer.as_str());
            }
            for file in listed.files.keys() {
                if !reference.contains_key(file) {
                    return Err(Error::new(
                        format!(
                            "mirror.toml: `{file}`, listed for `{}`, is not a file of the reference",
                            listed.answer
                        ),
                        "take it out, or correct the path",
                    ));
                }
                if file.extension() == Some("rs") {
                    return Err(Error::new(
                        format!(
                            "mirror.toml: `{file}`, listed for `{}`, is Rust code, and an answer never enters that",
                            listed.answer
                        ),
                        "let the program read it from a file that is no code",
                    ));
                }
            }
        }
        // Longest first, so that no answer is cut short by another.
        needles.sort_by_key(|needle| std::cmp::Reverse(needle.text.len()));
        Ok(Self { needles, sentinels })
    }

    pub(super) fn expect_hits_in(&self, path: &RelPath) -> bool {
        self.needles
            .iter()
            .any(|needle| needle.listed.files.contains_key(path))
    }

    /// Refuses text, which begins on `line` of `path`, that holds an answer.
    pub(super) fn check_absent(&self, path: &RelPath, text: &str, line: usize) -> Result<()> {
        for (sentinel, answer) in &self.sentinels {
            if let Some(at) = find(text, sentinel) {
                let line = line + line_of(text, at) - 1;
                return Err(Error::new(
                    format!(
                        "mirror {path}, line {line}: the answer `{answer}` occurs where mirror.toml does not list it"
                    ),
                    "list the file and the number of hits under a [[substitution]], or do not mention the answer there",
                ));
            }
        }
        Ok(())
    }

    pub(super) fn template_of<'s>(&'s self, path: &'s RelPath) -> Template<'s> {
        let needles: Vec<&Needle> = self
            .needles
            .iter()
            .filter(|needle| needle.listed.files.contains_key(path))
            .collect();
        let hits = vec![0; needles.len()];
        Template {
            substitutions: self,
            path,
            needles,
            hits,
            text: String::new(),
        }
    }
}

/// Where a sentinel begins. A number is not looked for inside a longer word, such as a checksum.
fn find(text: &str, sentinel: &str) -> Option<usize> {
    let is_wordlike = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let mut places = text.match_indices(sentinel).map(|(at, _)| at);
    places.find(|&at| {
        let (before, after) = (
            text[..at].chars().next_back(),
            text[at + sentinel.len()..].chars().next(),
        );
        !is_number(sentinel) || !is_wordlike(before) && !is_wordlike(after)
    })
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

fn needle<'a>(config: &Config, listed: &'a Substitution) -> Result<Needle<'a>> {
    let Some((before, after)) = listed
        .pattern
        .split_once('@')
        .filter(|(_, after)| !after.contains('@'))
    else {
        return Err(Error::new(
            format!(
                "mirror.toml: the pattern `{}` must hold one `@`",
                listed.pattern
            ),
            "`@` stands for the answer",
        ));
    };
    let spelt = config.spelt(&listed.answer, listed.format)?;
    if spelt.is_empty() {
        return Err(Error::new(
            format!(
                "mirror.toml: the reference's answer `{}` is empty, so it cannot be found",
                listed.answer
            ),
            "give the reference some text that occurs nowhere else",
        ));
    }
    let filter = listed
        .format
        .map(|format| format!(" | {}", format.name()))
        .unwrap_or_default();
    let name = listed.answer.replace('-', "_");
    let template = format!(
        "{}<@ answers.{name}{filter} @>{}",
        escaped(before),
        escaped(after)
    );
    Ok(Needle {
        text: format!("{before}{spelt}{after}"),
        template,
        listed,
    })
}

/// A template as it is written, piece by piece.
pub(super) struct Template<'a> {
    substitutions: &'a Substitutions<'a>,
    path: &'a RelPath,
    needles: Vec<&'a Needle<'a>>,
    hits: Vec<usize>,
    text: String,
}

impl Template<'_> {
    pub(super) fn tag(&mut self, tag: &str) {
        self.text.push_str(tag);
    }

    /// Adds text of the reference that begins on `line`.
    pub(super) fn text(&mut self, mut text: &str, mut line: usize) -> Result<()> {
        while let Some((at, index)) = self.next_hit(text) {
            let needle = self.needles[index];
            self.literal(&text[..at], line)?;
            self.text.push_str(&needle.template);
            self.hits[index] += 1;
            let end = at + needle.text.len();
            line += line_of(text, end) - 1;
            text = &text[end..];
        }
        self.literal(text, line)
    }

    /// The first place of a needle, and which; of several at one place, the longest.
    fn next_hit(&self, text: &str) -> Option<(usize, usize)> {
        let places = self.needles.iter().enumerate();
        places
            .filter_map(|(index, needle)| Some((text.find(&needle.text)?, index)))
            .min()
    }

    fn literal(&mut self, text: &str, line: usize) -> Result<()> {
        self.substitutions.check_absent(self.path, text, line)?;
        self.text.push_str(&escaped(text));
        Ok(())
    }

    /// The template, if every answer was found as often as it is listed.
    pub(super) fn finish(self) -> Result<String> {
        for (needle, hits) in self.needles.iter().zip(&self.hits) {
            let expected = needle.listed.files[self.path];
            if *hits != expected {
                return Err(Error::new(
                    format!(
                        "mirror {}: `{}` occurs {hits} times, and mirror.toml lists {expected}",
                        self.path, needle.text
                    ),
                    "an answer that comes or goes is to be seen by a person: correct the number",
                ));
            }
        }
        Ok(self.text)
    }
}

/// `text` so that the template language renders it as it is.
fn escaped(text: &str) -> Cow<'_, str> {
    let opening = Regex::new("<[%@~]").expect("the expression is constant");
    opening.replace_all(text, "<@ \"$0\" @>")
}
