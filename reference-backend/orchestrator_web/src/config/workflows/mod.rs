//! `[workflows.NAME]`: read, and checked as a whole, so that none that can be started is at odds with
//! itself.

mod places;
mod steps;

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::file::File;
use super::named::{Keys, is_name};
use crate::fault::Fault;
use crate::workflows::definition::{Definition, Input, Work};

type Value<'a> = Spanned<DeValue<'a>>;

const KEYS: &Keys<Definition> = &[
    ("description", |it| &mut it.description),
    ("executor", |it| &mut it.executor),
    ("timeout_seconds", |it| &mut it.timeout_seconds),
    ("worktree", |it| &mut it.worktree),
];

const INPUT_KEYS: &Keys<Input> = &[
    ("description", |it| &mut it.description),
    ("default", |it| &mut it.default),
];

/// One table of the file, and what messages call it.
struct Table<'a> {
    text: &'a str,
    subject: String,
    start: usize,
    values: &'a DeTable<'a>,
}

impl Table<'_> {
    /// Where the key's value stands, or the table, if the key is not given.
    fn place_of(&self, key: &str) -> usize {
        let value = self.values.get(key);
        value.map_or(self.start, |value| value.span().start)
    }
}

impl File {
    pub(super) fn take_workflows(&mut self, text: &str, workflows: &DeTable) -> Result<(), Fault> {
        for (name, value) in workflows {
            let start = name.span().start;
            let name = name.get_ref().as_ref();
            let Some(values) = value.get_ref().as_table().filter(|_| is_name(name)) else {
                return Err(Fault::new(
                    format!(
                        "{}: workflows.{name} is not a table with a valid name",
                        self.place(text, start)
                    ),
                    "write [workflows.name], the name in lower case: letters, digits, _ and -",
                ));
            };
            let table = Table {
                text,
                subject: format!("workflows.{name}"),
                start,
                values,
            };
            let definition = self.definition(&table)?;
            self.workflows.0.insert(name.to_owned(), definition);
        }
        Ok(())
    }

    fn definition(&self, table: &Table) -> Result<Definition, Fault> {
        let mut definition = Definition {
            description: String::new(),
            input: BTreeMap::new(),
            executor: "demo".to_owned(),
            timeout_seconds: 0,
            worktree: false,
            steps: Vec::new(),
        };
        let known = (KEYS, &["input", "steps"][..]);
        self.fill(
            table.text,
            &table.subject,
            table.values,
            known,
            &mut definition,
        )?;
        if self.executors.get(&definition.executor).is_none() {
            let names: Vec<_> = self.executors.names().collect();
            let what = format!(
                ".executor is `{}`, which is no executor",
                definition.executor
            );
            let hint = format!(
                "add [executors.{}], or take one of {}",
                definition.executor,
                names.join(", ")
            );
            return Err(self.wrong(table, "executor", &what, hint));
        }
        definition.input = self.inputs(table)?;
        let steps = table
            .values
            .get("steps")
            .and_then(|steps| steps.get_ref().as_array());
        let steps = steps.filter(|steps| !steps.is_empty());
        let Some(steps) = steps else {
            let hint = format!(
                "write [[{}.steps]] and its keys below, for each step",
                table.subject
            );
            return Err(self.wrong(table, "steps", " has no steps", hint));
        };
        let tables = steps
            .iter()
            .enumerate()
            .map(|(index, step)| self.step_table(table, index, step));
        let tables = tables.collect::<Result<Vec<_>, _>>()?;
        for table in &tables {
            let step = self.step(table, &definition)?;
            definition.steps.push(step);
            self.check_jump(table, &definition)?;
        }
        for (step, table) in definition.steps.iter().zip(&tables) {
            if let Work::Agent(work) = &step.work {
                self.check_places(table, &work.prompt, &definition)?;
            }
        }
        Ok(definition)
    }

    fn inputs(&self, table: &Table) -> Result<BTreeMap<String, Input>, Fault> {
        let Some(given) = table.values.get("input") else {
            return Ok(BTreeMap::new());
        };
        let hint = format!(
            "write [{}.input.name] with description and default, the name in lower case",
            table.subject
        );
        let Some(inputs) = given.get_ref().as_table() else {
            return Err(self.wrong(table, "input", ".input is not a table", hint));
        };
        let mut read = BTreeMap::new();
        for (name, value) in inputs {
            let subject = format!("{}.input.{}", table.subject, name.get_ref());
            let name = name.get_ref().as_ref();
            let Some(values) = value.get_ref().as_table().filter(|_| is_name(name)) else {
                let place = self.place(table.text, value.span().start);
                let message = format!("{place}: {subject} is not a table with a valid name");
                return Err(Fault::new(message, hint));
            };
            let mut input = Input::default();
            self.fill(table.text, &subject, values, (INPUT_KEYS, &[]), &mut input)?;
            read.insert(name.to_owned(), input);
        }
        Ok(read)
    }

    fn step_table<'a>(
        &self,
        table: &Table<'a>,
        index: usize,
        value: &'a Value,
    ) -> Result<Table<'a>, Fault> {
        let (text, start) = (table.text, value.span().start);
        let values = value.get_ref().as_table();
        let name = values.and_then(|values| values.get("name")?.get_ref().as_str());
        let number = (index + 1).to_string();
        let name = name.filter(|name| is_name(name)).unwrap_or(&number);
        let subject = format!("{}.steps.{name}", table.subject);
        let Some(values) = values else {
            let message = format!("{}: {subject} is not a table", self.place(text, start));
            let hint = format!("write [[{}.steps]] and its keys below", table.subject);
            return Err(Fault::new(message, hint));
        };
        Ok(Table {
            text,
            subject,
            start,
            values,
        })
    }

    /// `what` begins where the name of the table ends.
    fn wrong(&self, table: &Table, key: &str, what: &str, hint: impl Into<String>) -> Fault {
        let place = self.place(table.text, table.place_of(key));
        Fault::new(format!("{place}: {}{what}", table.subject), hint)
    }
}
