//! `quire doctor`: what is here, what is missing, and what to do about it.

mod services;

use std::{fmt, path::Path};

use quire_models::{
    assets::{AssetState, AssetStore, Trust},
    available::Host,
    manifest::{LibraryName, Manifest},
    provider::{Provider, ProviderChoice},
    session::Runtime,
};
use quire_render::RenderPool;
use quire_worker::chain::Chain;
use serde::Serialize;

use crate::{Exit, args::Doctor, config::Config};

/// How something stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Health {
    Good,
    /// It works, but not as well as it could.
    Weak,
    /// Nothing can be converted.
    Bad,
}

/// One finding.
#[derive(Debug, Serialize)]
struct Finding {
    what: String,
    health: Health,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

#[derive(Debug, Serialize)]
struct Report {
    version: &'static str,
    findings: Vec<Finding>,
}

/// Looks at everything that `convert` needs.
pub(crate) fn run(config: &Config, arguments: &Doctor) -> anyhow::Result<Exit> {
    let mut report = report(config);
    if arguments.services {
        report.findings.extend(services::services(config)?);
    }
    if arguments.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        println!("{report}");
    }
    let bad = report.findings.iter().any(|finding| finding.health == Health::Bad);
    Ok(if bad { Exit::Other } else { Exit::Done })
}

fn report(config: &Config) -> Report {
    let mut findings = vec![configuration(config)];
    let store = config.assets.store();
    match config.assets.manifest() {
        Ok(manifest) => {
            let provider = config.pipeline.provider(&manifest);
            findings.extend(assets(&store, &manifest, provider));
            findings.push(providers(&manifest, provider));
            findings.push(runtime(&store, &manifest, provider));
            findings.push(renderer(config, &store, &manifest));
        }
        Err(error) => findings.push(bad(
            "manifest",
            Chain(&error).to_string(),
            "correct the file named by assets.manifest",
        )),
    }
    Report { version: env!("CARGO_PKG_VERSION"), findings }
}

fn configuration(config: &Config) -> Finding {
    match config.validate() {
        Ok(()) => good("configuration", format!("assets in {}", config.assets.folder().display())),
        Err(error) => bad("configuration", error.to_string(), "correct the value"),
    }
}

/// Every file is hashed: a doctor trusts nothing that was remembered.
fn assets(store: &AssetStore, manifest: &Manifest, provider: Provider) -> Vec<Finding> {
    let needed = store.needed(manifest, provider);
    match store.status(&needed, Trust::Nothing) {
        Ok(states) => states
            .into_iter()
            .map(|asset| {
                let what = asset.name.to_string();
                match asset.state {
                    AssetState::Present => {
                        good(&what, format!("{}, {}", asset.package, asset.path.display()))
                    }
                    AssetState::Missing(path) => {
                        bad(&what, format!("{} is missing", path.display()), "run quire setup")
                    }
                    AssetState::WrongHash { path, expected, actual } => bad(
                        &what,
                        format!("{} has sha-256 {actual}, expected {expected}", path.display()),
                        "run quire setup",
                    ),
                }
            })
            .collect(),
        Err(error) => vec![bad("assets", Chain(&error).to_string(), "make the asset folder readable")],
    }
}

/// What could compute here; bad when what is configured cannot.
fn providers(manifest: &Manifest, provider: Provider) -> Finding {
    let host = Host::this();
    let what = "providers";
    let describe = |choice: ProviderChoice| match host.obstacle(choice, manifest) {
        None => choice.as_str().to_owned(),
        Some(reason) => format!("not {} ({reason})", choice.as_str()),
    };
    let all = ProviderChoice::NAMED.map(describe).join(", ");
    match host.check(provider.choice(), manifest) {
        Ok(()) => good(what, all),
        Err(error) => bad(what, all, &error.to_string()),
    }
}

/// Opens the ONNX Runtime library.
fn runtime(store: &AssetStore, manifest: &Manifest, provider: Provider) -> Finding {
    let what = "inference";
    let Ok(library) = store.resolve_library(manifest, provider.library()) else {
        return bad(what, "the library is missing".to_owned(), "run quire setup");
    };
    match Runtime::load(&library) {
        Ok(_) => good(what, format!("onnx runtime opens; networks run on: {provider}")),
        Err(error) => bad(
            what,
            Chain(&error).to_string(),
            "run quire setup, or see whether the system's C library is too old",
        ),
    }
}

/// Starts a render child and asks how well it is confined.
fn renderer(config: &Config, store: &AssetStore, manifest: &Manifest) -> Finding {
    let what = "renderer";
    let program = match config.render.program() {
        Ok(program) if program.is_file() => program,
        Ok(program) => {
            let detail = format!("{} is missing", program.display());
            return bad(what, detail, "install quire-render beside quire, or set render.program");
        }
        Err(error) => return bad(what, error.to_string(), "set render.program"),
    };
    let Ok(pdfium) = store.resolve_library(manifest, LibraryName::Pdfium) else {
        return bad(what, "pdfium is missing".to_owned(), "run quire setup");
    };
    start(config, &program, &pdfium)
}

fn start(config: &Config, program: &Path, pdfium: &Path) -> Finding {
    let what = "renderer";
    let started = config.render.to_config(pdfium).map(|mut settings| {
        settings.children = std::num::NonZeroUsize::MIN;
        RenderPool::start(settings)
    });
    match started {
        Ok(Ok(pool)) => {
            let level = pool.sandbox_level();
            let detail = format!("{}, sandbox: {level}", program.display());
            if level.is_full() {
                return good(what, detail);
            }
            let advice = "hostile files are confined less: use a kernel with landlock and seccomp";
            Finding { health: Health::Weak, ..bad(what, detail, advice) }
        }
        Ok(Err(error)) => bad(what, Chain(&error).to_string(), "run quire setup"),
        Err(error) => bad(what, error.to_string(), "set render.program"),
    }
}

fn good(what: &str, detail: String) -> Finding {
    Finding { what: what.to_owned(), health: Health::Good, detail, advice: None }
}

fn bad(what: &str, detail: String, advice: &str) -> Finding {
    Finding { what: what.to_owned(), health: Health::Bad, detail, advice: Some(advice.to_owned()) }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "quire {}", self.version)?;
        for finding in &self.findings {
            let mark = match finding.health {
                Health::Good => "ok",
                Health::Weak => "weak",
                Health::Bad => "BAD",
            };
            write!(f, "\n{mark:>4}  {}: {}", finding.what, finding.detail)?;
            if let Some(advice) = &finding.advice {
                write!(f, "\n      -> {advice}")?;
            }
        }
        Ok(())
    }
}
