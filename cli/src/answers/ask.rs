//! Who answers what was not given: the defaults, or a person at a terminal.

use dialoguer::console::Term;
use dialoguer::{Confirm, Input, MultiSelect, Select};

use crate::{Error, Result};

/// Whether a text will do; the error tells a person why not.
pub type Check<'a> = &'a dyn Fn(&str) -> Result<()>;

pub trait Ask {
    fn text(&mut self, question: &str, default: String, check: Check) -> Result<String>;

    /// The place in `of` of the one that is chosen.
    fn one(&mut self, question: &str, of: &[String], default: usize) -> Result<usize>;

    /// Each of `of` with whether it is chosen, by default and then in fact.
    fn several(&mut self, question: &str, of: Vec<(String, bool)>) -> Result<Vec<bool>>;

    /// Whether what the summary says is to be done.
    fn agree(&mut self, summary: &str) -> Result<bool>;
}

/// Takes every default.
pub struct Defaults;

impl Ask for Defaults {
    fn text(&mut self, _: &str, default: String, _: Check) -> Result<String> {
        Ok(default)
    }

    fn one(&mut self, _: &str, _: &[String], default: usize) -> Result<usize> {
        Ok(default)
    }

    fn several(&mut self, _: &str, of: Vec<(String, bool)>) -> Result<Vec<bool>> {
        Ok(of.into_iter().map(|(_, chosen)| chosen).collect())
    }

    fn agree(&mut self, _: &str) -> Result<bool> {
        Ok(true)
    }
}

/// Asks on the terminal's standard error, so that standard output holds results only.
pub struct Terminal;

impl Ask for Terminal {
    fn text(&mut self, question: &str, default: String, check: Check) -> Result<String> {
        let input = Input::new()
            .with_prompt(question)
            .default(default)
            .validate_with(|text: &String| check(text).map_err(|error| error.what().to_owned()));
        input.interact_text().map_err(stopped)
    }

    fn one(&mut self, question: &str, of: &[String], default: usize) -> Result<usize> {
        let select = Select::new()
            .with_prompt(question)
            .items(of)
            .default(default);
        select.interact().map_err(stopped)
    }

    fn several(&mut self, question: &str, of: Vec<(String, bool)>) -> Result<Vec<bool>> {
        let count = of.len();
        let chosen = MultiSelect::new()
            .with_prompt(format!("{question} (space chooses, enter goes on)"))
            .items_checked(of)
            .interact()
            .map_err(stopped)?;
        Ok((0..count).map(|place| chosen.contains(&place)).collect())
    }

    fn agree(&mut self, summary: &str) -> Result<bool> {
        // Not a part of the question, which is drawn again with its answer.
        Term::stderr()
            .write_line(summary)
            .map_err(|cause| stopped(cause.into()))?;
        let confirm = Confirm::new().with_prompt("Write it?").default(true);
        confirm.interact().map_err(stopped)
    }
}

fn stopped(error: dialoguer::Error) -> Error {
    // A prompt that is left midway has hidden the cursor; a terminal that is gone needs none.
    let _ = Term::stderr().show_cursor();
    let dialoguer::Error::IO(cause) = error;
    match cause.kind() {
        std::io::ErrorKind::Interrupted => Error::new(
            "interrupted; nothing was written",
            "the same command starts again",
        ),
        _ => Error::new(
            format!("read the terminal: {cause}"),
            "`--yes` takes the defaults without asking",
        ),
    }
}
