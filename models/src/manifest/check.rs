//! What the grammar of the manifest cannot say: relations between its fields.

use super::{Decoder, Generate, Library, LibraryName, Manifest, Model, Platt, Range, Role, Side};

/// A contradiction in a manifest.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// Made for another release of Quire.
    #[error("version {0} is not supported, this program reads version 1")]
    Version(u32),
    /// A role is filled twice.
    #[error("two models have the role {0}")]
    TwoModels(Role),
    /// A script that is none, or another model than a recogniser with scripts, or only such recognisers.
    #[error("model {0}: `scripts` is for recognisers beside the one without: ISO 15924 codes such as Cyrl")]
    Scripts(Role),
    /// A calibration that no network has, or that turns the order around.
    #[error("model {0}: `confidence` is for recognisers, with a `scale` above 0")]
    Confidence(Role),
    /// A library is there twice.
    #[error("the library {} is there twice", .0.as_str())]
    TwoLibraries(LibraryName),
    /// A library without a file.
    #[error("library {} has no `files`", .0.as_str())]
    NoFiles(LibraryName),
    /// A file name could lead outside the cache folder.
    #[error("{owner}: `{path}` is not a path inside a package")]
    Path {
        /// Which asset.
        owner: String,
        /// The path.
        path: String,
    },
    /// The decoder belongs to another role.
    #[error("model {role}: decoder {} answers the role {}, not this one", decoder.as_str(), decoder.role())]
    Decoder {
        /// The model.
        role: Role,
        /// Its decoder.
        decoder: Decoder,
    },
    /// A layout model whose classes have no names.
    #[error("model layout: decoder {} needs `labels`", .0.as_str())]
    Labels(Decoder),
    /// A length of zero pixels.
    #[error("model {0}: a side of `input` is 0")]
    ZeroSide(Role),
    /// A decoder that knows only one size.
    #[error("decoder {} needs a fixed `input`, such as `width = 608`", .0.as_str())]
    OpenSide(Decoder),
    /// A score that nothing has, or everything.
    #[error("model {0}: `min_score` is for layout models, and lies between 0 and 1")]
    MinScore(Role),
    /// A model that writes, of which only the encoder is told; or another one with a part that it does not have.
    #[error("model {0}: `generate` is for the decoders text and latex, which need it")]
    Generate(Role),
    /// No text can begin or end.
    #[error("model {0}: `start` of `generate` needs at least one token, and no token is below 0")]
    Tokens(Role),
    /// A division by zero.
    #[error("model {0}: a number of `normalise.std` is 0 or not finite")]
    Std(Role),
    /// A range without numbers in it.
    #[error("model {role}: `ranges` of {tensor} must go from a finite `low` up to a positive `high`")]
    Range {
        /// The model.
        role: Role,
        /// The tensor.
        tensor: String,
    },
}

/// Finds the first contradiction.
pub(super) fn check(manifest: &Manifest) -> Result<(), Problem> {
    if manifest.version != 1 {
        return Err(Problem::Version(manifest.version));
    }
    for (index, library) in manifest.libraries.iter().enumerate() {
        if manifest.libraries[..index].iter().any(|earlier| earlier.name == library.name) {
            return Err(Problem::TwoLibraries(library.name));
        }
        check_library(library)?;
    }
    for (index, model) in manifest.models.iter().enumerate() {
        let same = |earlier: &Model| earlier.role == model.role && earlier.scripts == model.scripts;
        if manifest.models[..index].iter().any(same) {
            return Err(Problem::TwoModels(model.role));
        }
        check_model(model)?;
    }
    if manifest.other_recognizers().next().is_some() && manifest.model(Role::Recognize).is_none() {
        return Err(Problem::Scripts(Role::Recognize));
    }
    Ok(())
}

fn check_library(library: &Library) -> Result<(), Problem> {
    if library.files.is_empty() {
        return Err(Problem::NoFiles(library.name));
    }
    let owner = format!("library {}", library.name.as_str());
    check_path(&owner, &library.release)?;
    library.files.iter().try_for_each(|file| check_path(&owner, &file.path))
}

fn check_model(model: &Model) -> Result<(), Problem> {
    let role = model.role;
    if model.decoder.role() != role {
        return Err(Problem::Decoder { role, decoder: model.decoder });
    }
    if role == Role::Layout && model.labels.is_empty() {
        return Err(Problem::Labels(model.decoder));
    }
    if model.min_score.is_some_and(|score| role != Role::Layout || !(0.0..1.0).contains(&score)) {
        return Err(Problem::MinScore(role));
    }
    let is_code = |script: &String| {
        matches!(script.as_bytes(), [first, rest @ ..] if first.is_ascii_uppercase()
            && rest.len() == 3 && rest.iter().all(u8::is_ascii_lowercase))
    };
    if !model.scripts.is_empty() && (role != Role::Recognize || !model.scripts.iter().all(is_code)) {
        return Err(Problem::Scripts(role));
    }
    let rises = |platt: &Platt| platt.scale.is_finite() && platt.scale > 0.0 && platt.shift.is_finite();
    if model.confidence.is_some_and(|platt| role != Role::Recognize || !rises(&platt)) {
        return Err(Problem::Confidence(role));
    }
    let writes = matches!(model.decoder, Decoder::Text | Decoder::Latex);
    if writes != model.generate.is_some() {
        return Err(Problem::Generate(role));
    }
    if let Some(Generate { start, end, .. }) = &model.generate
        && (start.is_empty() || start.iter().chain([end]).any(|token| *token < 0))
    {
        return Err(Problem::Tokens(role));
    }
    let sides = [model.input.width, model.input.height];
    if sides.iter().any(|side| side.length() == 0) {
        return Err(Problem::ZeroSide(role));
    }
    if (role == Role::Layout || writes) && sides.iter().any(|side| matches!(side, Side::Any { .. })) {
        return Err(Problem::OpenSide(model.decoder));
    }
    if !model.normalise.std.iter().all(|std| std.is_normal()) {
        return Err(Problem::Std(role));
    }
    let empty = |range: &&Range| {
        !(range.low.is_finite() && range.high.is_finite() && range.low < range.high && range.high > 0.0)
    };
    if let Some(range) = model.ranges.iter().find(empty) {
        return Err(Problem::Range { role, tensor: range.tensor.clone() });
    }
    let owner = format!("model {role}");
    model.files().try_for_each(|file| check_path(&owner, &file.path))
}

fn check_path(owner: &str, path: &str) -> Result<(), Problem> {
    let plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains('\\');
    if path.split('/').all(plain) {
        return Ok(());
    }
    Err(Problem::Path { owner: owner.to_owned(), path: path.to_owned() })
}
