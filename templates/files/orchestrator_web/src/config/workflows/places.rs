//! What prompts ask for.

use super::Table;
use crate::config::file::File;
use crate::fault::Fault;
use crate::workflows::definition::{Definition, Work};
use crate::workflows::template::{Place, StepPart, Template};

impl File {
    pub(super) fn check_places(
        &self,
        table: &Table,
        prompt: &Template,
        definition: &Definition,
    ) -> Result<(), Fault> {
        for (name, place) in prompt.places() {
            let is_known = match place {
                None => false,
                Some(Place::Input) => true,
                Some(Place::InputPart(key)) => definition.input.contains_key(key),
                Some(Place::Step { step, part }) => {
                    let step = definition.steps.iter().find(|it| it.name == step);
                    step.is_some_and(|step| has(&step.work, part))
                }
            };
            if is_known {
                continue;
            }
            let value = &table.values["prompt"];
            let start = value.span().start;
            let within = table.text[value.span()]
                .find(&format!("{{{name}}}"))
                .unwrap_or(0);
            let place = self.place(table.text, start + within);
            return Err(Fault::new(
                format!(
                    "{place}: {} has a prompt with the unknown {{{name}}}",
                    table.subject
                ),
                format!(
                    "there are {}; {{{{{name}}}}} stands for the text itself",
                    places(definition)
                ),
            ));
        }
        Ok(())
    }
}

/// Whether there may be such a part of what the work leads to.
fn has(work: &Work, part: StepPart) -> bool {
    match part {
        StepPart::Text => matches!(work, Work::Agent(_)),
        StepPart::Output => matches!(work, Work::Command(_)),
        StepPart::Error => true,
    }
}

/// All that a prompt of the workflow may ask for.
fn places(definition: &Definition) -> String {
    let input = definition
        .input
        .keys()
        .map(|key| format!("{{input.{key}}}"));
    let steps = definition.steps.iter().map(|step| match step.work {
        Work::Agent(_) => format!("{{steps.{}.text}}", step.name),
        Work::Command(_) => format!("{{steps.{}.output}}", step.name),
    });
    let all = ["{input}".to_owned()].into_iter().chain(input).chain(steps);
    all.collect::<Vec<_>>().join(" ")
}
