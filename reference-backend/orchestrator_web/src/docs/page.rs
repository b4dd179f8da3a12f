//! The document, arranged for reading: operations by tag, then the shapes that they name.

use askama::Template;
use serde_json::Value;
use utoipa::openapi::OpenApi;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

#[derive(Template)]
#[template(path = "docs/page.html")]
pub(super) struct Page {
    title: String,
    version: String,
    about: Prose,
    groups: Vec<Group>,
    shapes: Vec<Shape>,
}

struct Group {
    tag: String,
    about: Prose,
    operations: Vec<Operation>,
}

struct Operation {
    id: String,
    method: &'static str,
    path: String,
    summary: String,
    about: Prose,
    parameters: Vec<Member>,
    body: Option<Kind>,
    answers: Vec<Answer>,
}

struct Answer {
    status: String,
    about: Prose,
    kind: Option<Kind>,
    /// Documented on every operation alike; folded away.
    is_problem: bool,
}

struct Shape {
    name: String,
    about: Prose,
    words: Vec<String>,
    members: Vec<Member>,
    example: Option<String>,
}

struct Member {
    name: String,
    place: String,
    kind: Kind,
    is_required: bool,
    about: Prose,
}

/// Text in which some words are code.
struct Prose(Vec<Span>);

struct Span {
    text: String,
    is_code: bool,
}

/// A type in words, with the name of the shape that it leads to.
struct Kind {
    words: String,
    shape: Option<String>,
}

impl Page {
    pub(super) fn of(document: &OpenApi) -> Self {
        let document = serde_json::to_value(document).expect("the document is plain data");
        let tags = document["tags"].as_array().into_iter().flatten();
        let schemas = document["components"]["schemas"].as_object();
        Self {
            title: text(&document["info"]["title"]),
            version: text(&document["info"]["version"]),
            about: Prose::of(&document["info"]["description"]),
            groups: tags.map(|tag| group(tag, &document["paths"])).collect(),
            shapes: schemas.into_iter().flatten().map(shape).collect(),
        }
    }
}

fn group(tag: &Value, paths: &Value) -> Group {
    let mut operations = Vec::new();
    for (path, item) in paths.as_object().into_iter().flatten() {
        let of_tag = METHODS.iter().filter(|method| {
            let tags = item[**method]["tags"].as_array();
            tags.is_some_and(|tags| tags.contains(&tag["name"]))
        });
        operations.extend(of_tag.map(|method| operation(method, path, &item[*method])));
    }
    Group {
        tag: text(&tag["name"]),
        about: Prose::of(&tag["description"]),
        operations,
    }
}

fn operation(method: &'static str, path: &str, it: &Value) -> Operation {
    let parameters = it["parameters"].as_array().into_iter().flatten();
    let answers = it["responses"].as_object().into_iter().flatten();
    Operation {
        id: format!("{method}-{}", path.replace(['/', '{', '}'], "-")),
        method,
        path: path.to_owned(),
        summary: text(&it["summary"]),
        about: Prose::of(&it["description"]),
        parameters: parameters.map(parameter).collect(),
        body: content(&it["requestBody"]),
        answers: answers
            .map(|(status, answer)| answer_of(status, answer))
            .collect(),
    }
}

fn parameter(it: &Value) -> Member {
    Member {
        name: text(&it["name"]),
        place: text(&it["in"]),
        kind: kind(&it["schema"]),
        is_required: it["required"] == true,
        about: Prose::of(&it["description"]),
    }
}

fn answer_of(status: &str, it: &Value) -> Answer {
    Answer {
        status: status.to_owned(),
        about: Prose::of(&it["description"]),
        kind: content(it),
        is_problem: media_type(it) == Some("application/problem+json"),
    }
}

/// The media type that a body has as a rule: of several, JSON comes first.
fn media_type(it: &Value) -> Option<&str> {
    it["content"].as_object()?.keys().next().map(String::as_str)
}

/// What a body holds; its media type where it has no schema of its own.
fn content(it: &Value) -> Option<Kind> {
    let media = media_type(it)?;
    if media == "application/json" || media == "application/problem+json" {
        return Some(kind(&it["content"][media]["schema"]));
    }
    Some(Kind {
        words: media.to_owned(),
        shape: None,
    })
}

fn shape((name, schema): (&String, &Value)) -> Shape {
    let required = schema["required"].as_array();
    let members = schema["properties"].as_object().into_iter().flatten();
    let member = |(name, member): (&String, &Value)| Member {
        name: name.clone(),
        place: String::new(),
        kind: kind(member),
        is_required: required.is_some_and(|names| names.iter().any(|it| it == name)),
        about: Prose::of(&member["description"]),
    };
    Shape {
        name: name.clone(),
        about: Prose::of(&schema["description"]),
        words: schema["enum"]
            .as_array()
            .into_iter()
            .flatten()
            .map(text)
            .collect(),
        members: members.map(member).collect(),
        example: schema.get("example").map(|example| format!("{example:#}")),
    }
}

fn kind(schema: &Value) -> Kind {
    if let Some(name) = schema["$ref"].as_str().and_then(|it| it.rsplit('/').next()) {
        return Kind {
            words: name.to_owned(),
            shape: Some(name.to_owned()),
        };
    }
    if let Some(choices) = schema["oneOf"].as_array().or(schema["anyOf"].as_array()) {
        let kinds: Vec<_> = choices.iter().map(kind).collect();
        let words: Vec<_> = kinds.iter().map(|it| it.words.clone()).collect();
        let shape = kinds.into_iter().find_map(|it| it.shape);
        return Kind {
            words: words.join(" or "),
            shape,
        };
    }
    match &schema["type"] {
        Value::String(one) if one == "array" => {
            let Kind { words, shape } = kind(&schema["items"]);
            Kind {
                words: format!("[{words}]"),
                shape,
            }
        }
        Value::String(one) => Kind {
            words: with_format(one, schema),
            shape: None,
        },
        Value::Array(some) => {
            let words: Vec<_> = some
                .iter()
                .map(|it| with_format(&text(it), schema))
                .collect();
            Kind {
                words: words.join(" or "),
                shape: None,
            }
        }
        _ => Kind {
            words: "any".to_owned(),
            shape: None,
        },
    }
}

fn with_format(kind: &str, schema: &Value) -> String {
    match schema["format"].as_str() {
        Some(format) if kind != "null" => format.to_owned(),
        _ => kind.to_owned(),
    }
}

impl Prose {
    /// What stands between backticks is code.
    fn of(value: &Value) -> Self {
        let spans = value.as_str().unwrap_or_default().split('`');
        let spans = spans.enumerate().map(|(index, text)| Span {
            text: text.to_owned(),
            is_code: index % 2 == 1,
        });
        Self(spans.filter(|span| !span.text.is_empty()).collect())
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
