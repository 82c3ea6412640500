//! Which providers can compute on this machine, and why others cannot.

use std::path::Path;

use crate::{
    manifest::{LibraryName, Manifest},
    provider::{ProviderChoice, computes_in_bf16, computes_in_int8},
};

/// A provider was asked for that cannot compute here.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "provider {} cannot be used: {reason}; on this machine these can: {}; set provider of [pipeline] to one of them, or to auto",
    asked.as_str(),
    names(usable)
)]
pub struct Unavailable {
    /// What was asked for.
    pub asked: ProviderChoice,
    /// Why not.
    pub reason: Reason,
    /// What can be used instead.
    pub usable: Vec<ProviderChoice>,
}

/// Why a provider cannot compute here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// It belongs to another operating system.
    #[error("it is part of {needs}, and this is {system}")]
    System {
        /// Where there is one.
        needs: &'static str,
        /// What this is.
        system: &'static str,
    },
    /// The manifest does not name the library that has it.
    #[error("the manifest of assets has no library {}", .0.as_str())]
    NoLibrary(LibraryName),
    /// The library is there without the file that holds the provider.
    #[error("{library} of the manifest of assets comes without {file}")]
    LibraryLacks {
        /// Package and version.
        library: String,
        /// The missing file.
        file: &'static str,
    },
    /// No device that it could use.
    #[error("the system shows no NVIDIA GPU")]
    NoDevice,
    /// The processor would only emulate it, many times slower.
    #[error("the processor does not compute in 16-bit brain floats")]
    NoBf16,
    /// The processor has no fast instructions for it.
    #[error("the processor has no instructions for products of bytes")]
    NoInt8,
}

/// What the kernel shows when there is an NVIDIA GPU: in servers, in WSL, on Jetson boards.
const NVIDIA: [&str; 4] = ["/dev/nvidiactl", "/dev/dxg", "/dev/nvhost-gpu", "/dev/nvgpu"];

/// This machine, as far as providers depend on it.
#[derive(Clone, Copy, Debug)]
pub struct Host {
    system: &'static str,
    nvidia: bool,
    bf16: bool,
    int8: bool,
}

impl Host {
    /// The machine that this runs on.
    pub fn this() -> Self {
        Self {
            system: std::env::consts::OS,
            nvidia: NVIDIA.iter().any(|device| Path::new(device).exists()),
            bf16: computes_in_bf16(),
            int8: computes_in_int8(),
        }
    }

    /// Fails with what to set instead when `asked` cannot compute here; slow is no reason to refuse.
    pub fn check(self, asked: ProviderChoice, manifest: &Manifest) -> Result<(), Unavailable> {
        match self.obstacle(asked, manifest) {
            None | Some(Reason::NoBf16 | Reason::NoInt8) => Ok(()),
            Some(reason) => Err(Unavailable { asked, reason, usable: self.usable(manifest) }),
        }
    }

    /// Everything that can compute here, and well.
    pub fn usable(self, manifest: &Manifest) -> Vec<ProviderChoice> {
        let free = |choice: &ProviderChoice| self.obstacle(*choice, manifest).is_none();
        ProviderChoice::NAMED.into_iter().filter(free).collect()
    }

    /// What keeps `choice` from computing here.
    pub fn obstacle(self, choice: ProviderChoice, manifest: &Manifest) -> Option<Reason> {
        let system = |needs| Some(Reason::System { needs, system: self.system });
        match choice {
            ProviderChoice::Coreml if self.system != "macos" => return system("macOS"),
            ProviderChoice::Cuda | ProviderChoice::Tensorrt if self.system == "macos" => {
                return system("Linux and Windows");
            }
            _ => {}
        }
        let provider = choice.resolve(manifest, 0);
        let Some(library) = manifest.library(provider.library()) else {
            return Some(Reason::NoLibrary(provider.library()));
        };
        let file = choice.provider_file();
        if let Some(file) = file.filter(|file| !library.files.iter().any(|one| one.name() == *file)) {
            return Some(Reason::LibraryLacks { library: library.package.to_string(), file });
        }
        match choice {
            ProviderChoice::Cuda | ProviderChoice::Tensorrt if !self.nvidia => Some(Reason::NoDevice),
            ProviderChoice::OpenvinoBf16 if !self.bf16 => Some(Reason::NoBf16),
            ProviderChoice::OpenvinoInt8 if !self.int8 => Some(Reason::NoInt8),
            _ => None,
        }
    }
}

fn names(choices: &[ProviderChoice]) -> String {
    let names: Vec<&str> = choices.iter().map(|choice| choice.as_str()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINUX: Host = Host { system: "linux", nvidia: false, bf16: true, int8: true };

    fn manifest() -> Manifest {
        Manifest::built_in().unwrap()
    }

    #[test]
    fn an_error_names_what_was_asked_for_what_is_there_and_what_to_set() {
        let error = LINUX.check(ProviderChoice::Cuda, &manifest()).unwrap_err().to_string();

        assert_eq!(
            error,
            "provider cuda cannot be used: the system shows no NVIDIA GPU; on this machine these can: cpu, \
             openvino-f32, openvino-bf16, openvino-int8; set provider of [pipeline] to one of them, or to auto"
        );
    }

    #[test]
    fn a_provider_of_another_system_is_refused() {
        let reason = LINUX.check(ProviderChoice::Coreml, &manifest()).unwrap_err().reason;

        assert_eq!(reason, Reason::System { needs: "macOS", system: "linux" });
        let mac = Host { system: "macos", ..LINUX };
        assert_eq!(mac.check(ProviderChoice::Coreml, &manifest()), Ok(()));
        assert!(mac.check(ProviderChoice::Cuda, &manifest()).is_err());
    }

    #[test]
    fn a_library_that_comes_without_the_provider_is_named() {
        let gpu = Host { nvidia: true, ..LINUX };

        let error = gpu.check(ProviderChoice::Tensorrt, &manifest()).unwrap_err();

        assert!(error.to_string().contains("onnxruntime-gpu 1.30.0"), "{error}");
        assert!(error.to_string().contains("libonnxruntime_providers_tensorrt.so"), "{error}");
        assert!(error.usable.contains(&ProviderChoice::Cuda));
    }

    #[test]
    fn a_library_that_the_manifest_does_not_name_is_named() {
        let mut manifest = manifest();
        manifest.libraries.retain(|library| library.name != LibraryName::OnnxruntimeGpu);

        let reason = LINUX.check(ProviderChoice::Cuda, &manifest).unwrap_err().reason;

        assert_eq!(reason, Reason::NoLibrary(LibraryName::OnnxruntimeGpu));
    }

    #[test]
    fn what_is_only_slow_is_not_refused_but_not_recommended_either() {
        let old = Host { bf16: false, int8: false, ..LINUX };

        assert_eq!(old.check(ProviderChoice::OpenvinoBf16, &manifest()), Ok(()));
        assert_eq!(old.check(ProviderChoice::OpenvinoInt8, &manifest()), Ok(()));
        assert_eq!(old.usable(&manifest()), [ProviderChoice::Cpu, ProviderChoice::OpenvinoF32]);
    }
}
