//! The languages, frameworks and package managers of the project that is orchestrated: which go together,
//! which follow from which, and the commands that they imply.

use clap::ValueEnum;

use crate::{Error, Result};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    Python,
    Typescript,
    Javascript,
    Go,
    Rust,
    Java,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Framework {
    Fastapi,
    Django,
    Flask,
    Nextjs,
    Express,
    Nestjs,
    React,
    Vue,
    Gin,
    Echo,
    Axum,
    Actix,
    Spring,
    None,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PackageManager {
    Uv,
    Poetry,
    Pip,
    Pnpm,
    Npm,
    Yarn,
    Bun,
    Go,
    Cargo,
    Maven,
    Gradle,
    None,
}

/// A language, a framework and a package manager that go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stack {
    pub language: Language,
    pub framework: Framework,
    pub package_manager: PackageManager,
}

impl Language {
    /// The frameworks of the language, `none` last.
    pub fn frameworks(self) -> &'static [Framework] {
        use Framework::{
            Actix, Axum, Django, Echo, Express, Fastapi, Flask, Gin, Nestjs, Nextjs, None, React,
            Spring, Vue,
        };
        match self {
            Self::Python => &[Fastapi, Django, Flask, None],
            Self::Typescript | Self::Javascript => &[Nextjs, Express, Nestjs, React, Vue, None],
            Self::Go => &[Gin, Echo, None],
            Self::Rust => &[Axum, Actix, None],
            Self::Java => &[Spring, None],
            Self::None => &[None],
        }
    }

    /// The package managers of the language, the usual one first, `none` last.
    pub fn package_managers(self) -> &'static [PackageManager] {
        use PackageManager::{
            Bun, Cargo, Go, Gradle, Maven, None, Npm, Pip, Pnpm, Poetry, Uv, Yarn,
        };
        match self {
            Self::Python => &[Uv, Poetry, Pip, None],
            Self::Typescript | Self::Javascript => &[Pnpm, Npm, Yarn, Bun, None],
            Self::Go => &[Go, None],
            Self::Rust => &[Cargo, None],
            Self::Java => &[Maven, Gradle, None],
            Self::None => &[None],
        }
    }
}

impl Stack {
    /// Fills in what is not given from what is: `fastapi` alone means Python and uv.
    pub fn infer(
        language: Option<Language>,
        framework: Option<Framework>,
        package_manager: Option<PackageManager>,
    ) -> Result<Self> {
        let language = language
            .or_else(|| framework.and_then(|f| first_with(|l| l.frameworks().contains(&f))))
            .or_else(|| {
                package_manager.and_then(|p| first_with(|l| l.package_managers().contains(&p)))
            })
            .unwrap_or(Language::None);
        let framework = framework.unwrap_or(Framework::None);
        let package_manager = package_manager.unwrap_or(language.package_managers()[0]);

        fits("framework", language, framework, language.frameworks())?;
        fits(
            "package manager",
            language,
            package_manager,
            language.package_managers(),
        )?;
        Ok(Self {
            language,
            framework,
            package_manager,
        })
    }
}

/// The first language that has it. What every language has, `none`, tells nothing.
fn first_with(has: impl Fn(Language) -> bool) -> Option<Language> {
    let first = Language::value_variants().iter().copied().find(|&l| has(l));
    first.filter(|_| !has(Language::None))
}

fn fits<T: ValueEnum + PartialEq + Copy>(
    what: &str,
    language: Language,
    chosen: T,
    of_language: &[T],
) -> Result<()> {
    if of_language.contains(&chosen) {
        return Ok(());
    }
    Err(Error::new(
        format!(
            "{what} `{}` does not go with language `{}`",
            id(&chosen),
            id(&language)
        ),
        format!("one of: {}", list(of_language)),
    ))
}

/// How a value is written in flags and files.
pub fn id(value: &impl ValueEnum) -> String {
    let possible = value.to_possible_value().expect("no variant is skipped");
    possible.get_name().to_owned()
}

pub fn list(values: &[impl ValueEnum]) -> String {
    values.iter().map(id).collect::<Vec<_>>().join(", ")
}
