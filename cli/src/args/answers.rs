//! The answers and options that a project is made with, as flags.

use std::path::PathBuf;

use clap::Args;

use crate::Result;
use crate::answers::given::Given;
use crate::answers::stacks::{self, Framework, Language, PackageManager};

/// What the project is to be told; what is left out follows from the rest.
#[derive(Debug, Args)]
#[command(next_help_heading = "Answers")]
pub struct AnswerFlags {
    /// A TOML file with answers; a flag wins over it
    #[arg(long = "answers", value_name = "FILE")]
    pub file: Option<PathBuf>,

    /// Name of the project, where the folder's does not do
    #[arg(long)]
    pub name: Option<String>,

    /// Title in documents and pages [default: the name in words]
    #[arg(long)]
    pub title: Option<String>,

    /// One or two sentences on what it is for
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,

    /// Port of the service [default: 8000]
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,

    /// Port of a web interface in development, allowed to call the service [default: 5173]
    #[arg(long, value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub ui_port: Option<u16>,

    /// Origins that browsers may call the service from, separated by commas [default: localhost at the UI port]
    #[arg(long, value_name = "ORIGINS", value_delimiter = ',')]
    pub cors_origins: Option<Vec<String>>,

    /// Language of the project whose agents it runs [default: from the framework, else none]
    #[arg(long)]
    pub language: Option<Language>,

    /// Its framework [default: none]
    #[arg(long)]
    pub framework: Option<Framework>,

    /// Its package manager [default: the usual one of the language]
    #[arg(long)]
    pub package_manager: Option<PackageManager>,

    /// Options to add to the default ones, separated by commas
    #[arg(
        long,
        value_name = "OPTIONS",
        value_delimiter = ',',
        help_heading = "Options of the project"
    )]
    pub with: Vec<String>,

    /// Options to leave out, separated by commas
    #[arg(
        long,
        value_name = "OPTIONS",
        value_delimiter = ',',
        help_heading = "Options of the project"
    )]
    pub without: Vec<String>,
}

impl AnswerFlags {
    /// The answers file, with the flags over it.
    pub fn given(&self) -> Result<Given> {
        let mut given = match &self.file {
            Some(file) => Given::from_file(file)?,
            None => Given::default(),
        };
        given.flag("name", "name", self.name.clone());
        given.flag("title", "title", self.title.clone());
        given.flag("description", "description", self.description.clone());
        given.flag("port", "port", self.port.map(i64::from));
        given.flag("ui_port", "ui-port", self.ui_port.map(i64::from));
        given.flag("cors_origins", "cors-origins", self.cors_origins.clone());
        given.flag(
            "language",
            "language",
            self.language.map(|word| stacks::id(&word)),
        );
        given.flag(
            "framework",
            "framework",
            self.framework.map(|word| stacks::id(&word)),
        );
        given.flag(
            "package_manager",
            "package-manager",
            self.package_manager.map(|word| stacks::id(&word)),
        );
        given.option_flags(self.with.clone(), self.without.clone());
        Ok(given)
    }
}
