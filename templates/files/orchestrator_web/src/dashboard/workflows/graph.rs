//! The steps of a workflow, drawn: what needs another stands to its right, and what a failure leads back
//! to is at the end of a dashed line.

use askama::Template;

use crate::dashboard::show::{State, duration, filters};
use crate::workflows::definition::{Definition, OnFailure};
use crate::workflows::steps::StepView;

/// In units of the drawing, which are pixels where there is room.
const WIDTH: usize = 152;
const HEIGHT: usize = 54;
const BESIDE: usize = 44;
const BELOW: usize = 18;
const MARGIN: usize = 2;
/// How far a way back swings out below the lowest step.
const LOOP: usize = 26;
/// Of a name, so that it stays in its box.
const CHARACTERS: usize = 17;

#[derive(Template)]
#[template(path = "dashboard/graph.html")]
pub struct Graph {
    width: usize,
    height: usize,
    nodes: Vec<Node>,
    /// From the right of a step to the left of one that needs it.
    edges: Vec<Edge>,
    /// From below a step that may fail to below the one that it leads back to.
    loops: Vec<Edge>,
}

impl askama::filters::HtmlSafe for Graph {}

struct Node {
    x: usize,
    y: usize,
    name: String,
    state: State,
    note: String,
    about: String,
}

/// The middle of its line lies at `bend`: across for a way on, below for a way back.
struct Edge {
    from: (usize, usize),
    to: (usize, usize),
    bend: usize,
}

impl Graph {
    /// `steps` are those of the definition, in its order.
    pub fn new(definition: &Definition, steps: &[StepView]) -> Self {
        let places = places(definition);
        let corner = |(column, row): (usize, usize)| {
            let x = MARGIN + column * (WIDTH + BESIDE);
            (x, MARGIN + row * (HEIGHT + BELOW))
        };
        let columns = places.iter().map(|it| it.0).max().map_or(0, |it| it + 1);
        let rows = places.iter().map(|it| it.1).max().map_or(0, |it| it + 1);
        let bottom = MARGIN + (rows * (HEIGHT + BELOW)).saturating_sub(BELOW);
        let mut graph = Self {
            width: 2 * MARGIN + (columns * (WIDTH + BESIDE)).saturating_sub(BESIDE),
            height: bottom + MARGIN,
            nodes: Vec::new(),
            edges: Vec::new(),
            loops: Vec::new(),
        };
        for ((step, view), place) in definition.steps.iter().zip(steps).zip(&places) {
            let (x, y) = corner(*place);
            graph.nodes.push(Node::of(view, x, y));
            for need in step.needs.iter().filter_map(|it| definition.position(it)) {
                let (left, top) = corner(places[need]);
                let from = (left + WIDTH, top + HEIGHT / 2);
                let bend = x - BESIDE / 2;
                let to = (x, y + HEIGHT / 2);
                graph.edges.push(Edge { from, to, bend });
            }
            if let OnFailure::GoTo(back) = &step.on_failure
                && let Some(target) = definition.position(&back.step)
            {
                let (left, top) = corner(places[target]);
                let from = (x + WIDTH / 2, y + HEIGHT);
                let to = (left + WIDTH / 2, top + HEIGHT);
                let bend = bottom + LOOP;
                graph.loops.push(Edge { from, to, bend });
                graph.height = bend;
            }
        }
        graph
    }
}

impl Node {
    fn of(step: &StepView, x: usize, y: usize) -> Self {
        let state = State::from(step.status);
        let took = duration(step.duration_ms);
        let note = match (step.started_at, step.iteration) {
            (None, _) => state.word.to_owned(),
            (Some(_), 0 | 1) => took,
            (Some(_), times) => format!("{took}, {times} times"),
        };
        Self {
            x,
            y,
            name: shortened(&step.name),
            about: format!("{}: {}, {note}", step.name, state.word),
            state,
            note,
        }
    }
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(CHARACTERS) {
        None => name.to_owned(),
        Some((end, _)) => format!("{}…", &name[..end]),
    }
}

/// The column and the row of each step: one to the right of all that it needs, in the first row that is
/// free there. Each step stands after those that it needs.
fn places(definition: &Definition) -> Vec<(usize, usize)> {
    let mut places: Vec<(usize, usize)> = Vec::new();
    for step in &definition.steps {
        let needs = step.needs.iter().filter_map(|it| definition.position(it));
        let column = needs.map(|it| places[it].0 + 1).max().unwrap_or(0);
        let row = places.iter().filter(|it| it.0 == column).count();
        places.push((column, row));
    }
    places
}
