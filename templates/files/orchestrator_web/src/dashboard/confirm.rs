//! What matters, or cannot be taken back, asks first, and says what it will do, or why it will not: a page
//! of its own, or, where scripts run, the same in a dialog.

use askama::Template;

use super::page::{Frame, Page, no_part, render};
use super::show::filters;

#[derive(Template)]
#[template(path = "dashboard/confirm.html", blocks = ["question"])]
pub struct Confirm {
    pub frame: Frame,
    /// What will happen, a sentence each.
    pub effects: Vec<String>,
    /// Where the answer is posted.
    pub action: String,
    pub button: Button,
    pub fields: Vec<(&'static str, &'static str)>,
    /// Where one gets who changes their mind.
    pub back: String,
}

/// What is pressed to go on.
pub enum Button {
    Primary(&'static str),
    /// Something is gone afterwards, or ended.
    Danger(&'static str),
}

impl Confirm {
    pub fn answer(&self, part: Option<&str>) -> Page {
        match part {
            None => render(self),
            Some("question") => render(&self.as_question()),
            Some(_) => Err(no_part()),
        }
    }
}

/// The question is not asked, because the answer would be refused.
#[derive(Template)]
#[template(path = "dashboard/refused.html", blocks = ["question"])]
pub struct Refused {
    pub frame: Frame,
    pub reasons: Vec<String>,
    pub back: String,
}

impl Refused {
    pub fn answer(&self, part: Option<&str>) -> Page {
        match part {
            None => render(self),
            Some("question") => render(&self.as_question()),
            Some(_) => Err(no_part()),
        }
    }
}
