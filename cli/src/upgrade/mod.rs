//! A project brought to what a template set and answers make today: read, planned, ready to be written.

mod format;

use std::collections::{BTreeMap, BTreeSet};

use crate::Result;
use crate::plan::{self, Broken, Effect, Ours, Plan, Rules, Style, There, Versions};
use crate::project::{self, Before, Project, State, look};
use crate::render::{Choices, render};
use crate::templates::{Policy, TemplateSet};
use crate::transaction::Change;
use crate::tree::{File, RelPath, Tree};

/// All that is to be known before anything is written.
#[derive(Debug)]
pub struct Upgrade {
    pub project: Project,
    pub plan: Plan,
    /// What the project is to remember afterwards.
    pub state: State,
    /// Every file that is to be different, those in `.tac/` included; empty where there is nothing to do.
    pub changes: Vec<Change>,
    /// The files among them that the user has edited.
    pub edited: Vec<RelPath>,
}

/// Plans how `project` becomes what `set` and `choices` make. Writes nothing.
pub fn prepare(
    project: Project,
    set: &TemplateSet,
    choices: &Choices,
    style: Style,
    broken: Broken,
) -> Result<Upgrade> {
    let rendered = render(set, choices)?;
    let rules = Rules {
        style,
        broken,
        ..rules(&project, set)
    };
    let paths: BTreeSet<&RelPath> = project.base.keys().chain(rendered.keys()).collect();
    let mut ours = look(&project.root, paths)?;
    let others = missing_files(&project, &rendered, &ours);

    let (mut base, mut theirs) = (project.base.clone(), rendered.clone());
    format::follow(&project.root, &mut base, &ours, &mut theirs)?;
    let versions = Versions {
        base: &base,
        ours: &ours,
        theirs: &theirs,
        others: &others,
    };
    let mut plan = plan::plan(&versions, &rules);
    place_sidecars(&project, &mut plan)?;

    let before = Before {
        kept: &project.state.kept,
        stale: &project.state.stale,
    };
    let state = State::new(set, choices, &rendered, &plan, before);
    ours.extend(
        others
            .into_iter()
            .map(|(path, file)| (path, There::File(file))),
    );
    let (mut changes, edited) = changes(&plan, &ours, &base);
    if !changes.is_empty() || !state.says_the_same(&project.state) {
        changes.extend(tac_changes(&project, &state, &rendered)?);
    }
    Ok(Upgrade {
        project,
        plan,
        state,
        changes,
        edited,
    })
}

fn rules(project: &Project, set: &TemplateSet) -> Rules {
    let State {
        files,
        kept,
        templates,
        ..
    } = &project.state;
    let before = files.iter().map(|(path, written)| (path, written.policy));
    let mut policies: BTreeMap<&RelPath, Policy> = before.collect();
    for path in set.files.keys() {
        policies.insert(path, set.manifest.file(path).policy);
    }
    let moves = set.manifest.files.iter().filter_map(|(path, spec)| {
        let from = spec.moved_from.clone()?;
        Some((path.clone(), from))
    });
    let offered = |path: &RelPath| {
        let copy = project.tac.get(&project::offered(path))?;
        Some((path.clone(), copy.clone()))
    };
    let said = |version: &str| format!("{} {version}", set.manifest.name);
    Rules {
        policies: policies
            .into_iter()
            .filter(|(_, policy)| *policy != Policy::default())
            .map(|(path, policy)| (path.clone(), policy))
            .collect(),
        moves: moves.collect(),
        kept: kept.clone(),
        offered: kept.iter().filter_map(offered).collect(),
        from: said(&templates.version),
        to: said(&set.manifest.version),
        ..Rules::default()
    }
}

/// The user's own files, where a generated one that the template changes is missing: it may be among them.
fn missing_files(project: &Project, rendered: &Tree, ours: &Ours) -> Tree {
    let mut base = project.base.iter();
    if !base.any(|(path, base)| plan::is_wanted(path, base, ours, rendered)) {
        return Tree::new();
    }
    project::read(&project.root, &foreign(project, rendered))
}

/// The user's own files in the folders that hold generated ones.
pub fn foreign(project: &Project, rendered: &Tree) -> BTreeSet<RelPath> {
    let State { files, kept, .. } = &project.state;
    let folders = files.keys().flat_map(RelPath::folders).collect();
    project::others(&project.root, &folders, &|path| {
        files.contains_key(path) || kept.contains(path) || rendered.contains_key(path)
    })
}

/// Gives the template's versions other names where those that they were to have are taken, on disk or in the plan.
fn place_sidecars(project: &Project, plan: &mut Plan) -> Result<()> {
    let files: BTreeSet<RelPath> = plan.0.keys().cloned().collect();
    let folders: BTreeSet<RelPath> = files.iter().flat_map(RelPath::folders).collect();
    let in_the_way = |name: &RelPath| -> Result<Option<RelPath>> {
        if files.contains(name) || folders.contains(name) {
            return Ok(Some(name.clone()));
        }
        if let Some(file) = name.folders().find(|above| files.contains(above)) {
            return Ok(Some(file));
        }
        Ok(match look(&project.root, [name])?.remove(name) {
            None => None,
            Some(There::Behind(above)) => Some(above),
            Some(_) => Some(name.clone()),
        })
    };
    for step in plan.0.values_mut() {
        let Some((name, _)) = &mut step.sidecar else {
            continue;
        };
        if let Some(taken) = in_the_way(name)? {
            let wanted = name.clone();
            for number in 2.. {
                *name = wanted.below_beside(&taken, &format!(".{number}"));
                if in_the_way(name)?.is_none() {
                    break;
                }
            }
        }
    }
    Ok(())
}

/// What the plan changes, and which of these files the user has edited.
fn changes(plan: &Plan, ours: &Ours, base: &Tree) -> (Vec<Change>, Vec<RelPath>) {
    let on_disk = |path: &RelPath| match ours.get(path) {
        Some(There::File(file)) => Some(file.clone()),
        _ => None,
    };
    let (mut changes, mut edited) = (Vec::new(), Vec::new());
    for (path, step) in &plan.0 {
        let after = match &step.effect {
            Effect::Nothing => None,
            Effect::Write(file) => Some(Some(file.clone())),
            Effect::Remove => Some(None),
        };
        let leaves = step.from.as_ref().filter(|_| step.leaves);
        let of = step.from.as_ref().unwrap_or(path);
        let mut change = |path: &RelPath, after: Option<File>, moved_from: Option<&RelPath>| {
            let before = on_disk(path);
            if before.is_some() && before.as_ref() != base.get(of) {
                edited.push(path.clone());
            }
            changes.push(Change {
                path: path.clone(),
                before,
                after,
                moved_from: moved_from.cloned(),
            });
        };
        if let Some(from) = leaves {
            change(from, None, None);
        }
        if let Some(after) = after {
            change(path, after, leaves);
        }
        if let Some((name, file)) = &step.sidecar {
            changes.push(Change {
                path: name.clone(),
                before: None,
                after: Some(file.clone()),
                moved_from: None,
            });
        }
    }
    (changes, edited)
}

/// What is to be different in `.tac/`. A file that is in the way there is replaced: another branch may have left it.
fn tac_changes(project: &Project, state: &State, rendered: &Tree) -> Result<Vec<Change>> {
    let mut new = project::tac_folder(state, rendered);
    let unknown = new.keys().filter(|path| !project.tac.contains_key(*path));
    let in_the_way = look(&project.root, unknown)?.into_iter();
    let mut old = project.tac.clone();
    old.extend(in_the_way.filter_map(|(path, there)| match there {
        There::File(file) => Some((path, file)),
        _ => None,
    }));
    let changes = old.into_iter().map(|(path, before)| Change {
        after: new.remove(&path),
        before: Some(before),
        path,
        moved_from: None,
    });
    let mut changes: Vec<Change> = changes
        .filter(|change| change.before != change.after)
        .collect();
    changes.extend(new.into_iter().map(|(path, after)| Change {
        path,
        before: None,
        after: Some(after),
        moved_from: None,
    }));
    Ok(changes)
}
