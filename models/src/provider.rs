//! What computes the networks.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::manifest::{LibraryName, Manifest};

/// What computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Provider {
    /// ONNX Runtime's own kernels, in 32-bit floats.
    #[default]
    Cpu,
    /// OpenVINO on the CPU; needs the runtime of the `onnxruntime-openvino` package.
    OpenVino(Precision),
    /// The NVIDIA GPU with this number; needs the runtime of the `onnxruntime-gpu` package, CUDA 13 and cuDNN 9.
    Cuda(u32),
    /// The same GPU through TensorRT, of a runtime that comes with it; needs TensorRT 10 beside CUDA 13. Untried.
    TensorRt(u32),
    /// Apple's GPU and neural engine. Untried.
    CoreMl,
}

impl Provider {
    /// The library that has this provider.
    pub const fn library(self) -> LibraryName {
        match self {
            Self::Cpu | Self::CoreMl => LibraryName::Onnxruntime,
            Self::OpenVino(_) => LibraryName::OnnxruntimeOpenvino,
            Self::Cuda(_) | Self::TensorRt(_) => LibraryName::OnnxruntimeGpu,
        }
    }

    /// Whether the networks run beside the processor rather than on it.
    pub const fn is_accelerator(self) -> bool {
        matches!(self, Self::Cuda(_) | Self::TensorRt(_) | Self::CoreMl)
    }

    /// The setting that chooses it.
    pub const fn choice(self) -> ProviderChoice {
        match self {
            Self::Cpu => ProviderChoice::Cpu,
            Self::OpenVino(Precision::F32) => ProviderChoice::OpenvinoF32,
            Self::OpenVino(Precision::Bf16) => ProviderChoice::OpenvinoBf16,
            Self::OpenVino(Precision::Int8) => ProviderChoice::OpenvinoInt8,
            Self::Cuda(_) => ProviderChoice::Cuda,
            Self::TensorRt(_) => ProviderChoice::Tensorrt,
            Self::CoreMl => ProviderChoice::Coreml,
        }
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("CPU (ONNX Runtime), 32-bit floats"),
            Self::OpenVino(Precision::F32) => f.write_str("CPU (OpenVINO), 32-bit floats"),
            Self::OpenVino(Precision::Bf16) => f.write_str("CPU (OpenVINO), 16-bit brain floats"),
            Self::OpenVino(Precision::Int8) => f.write_str("CPU (OpenVINO), bytes"),
            Self::Cuda(device) => write!(f, "GPU {device} (CUDA)"),
            Self::TensorRt(device) => write!(f, "GPU {device} (TensorRT)"),
            Self::CoreMl => f.write_str("Apple GPU and neural engine (Core ML)"),
        }
    }
}

/// The number format inside the network; inputs and outputs stay 32-bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// 32-bit floats.
    F32,
    /// 16-bit brain floats, for processors that compute in them.
    Bf16,
    /// Bytes, where the manifest gives ranges; the rest in 16-bit brain floats where the processor has them, else in
    /// 32-bit floats.
    Int8,
}

/// The setting that chooses a [`Provider`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderChoice {
    /// The fastest that this machine and the manifest have.
    #[default]
    Auto,
    /// [`Provider::Cpu`].
    Cpu,
    /// [`Provider::OpenVino`] in [`Precision::F32`].
    OpenvinoF32,
    /// [`Provider::OpenVino`] in [`Precision::Bf16`]; slow where the processor only emulates it.
    OpenvinoBf16,
    /// [`Provider::OpenVino`] in [`Precision::Int8`]; no faster where the processor has no instructions for it.
    OpenvinoInt8,
    /// [`Provider::Cuda`].
    Cuda,
    /// [`Provider::TensorRt`].
    Tensorrt,
    /// [`Provider::CoreMl`].
    Coreml,
}

impl ProviderChoice {
    /// All that name a provider.
    pub const NAMED: [Self; 7] = [
        Self::Cpu,
        Self::OpenvinoF32,
        Self::OpenvinoBf16,
        Self::OpenvinoInt8,
        Self::Cuda,
        Self::Tensorrt,
        Self::Coreml,
    ];

    /// As the configuration writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Cpu => "cpu",
            Self::OpenvinoF32 => "openvino-f32",
            Self::OpenvinoBf16 => "openvino-bf16",
            Self::OpenvinoInt8 => "openvino-int8",
            Self::Cuda => "cuda",
            Self::Tensorrt => "tensorrt",
            Self::Coreml => "coreml",
        }
    }

    /// Whether it names something beside the processor.
    pub const fn is_accelerator(self) -> bool {
        matches!(self, Self::Cuda | Self::Tensorrt | Self::Coreml)
    }

    /// The file beside the library that holds the provider, where it is not the library itself.
    pub(crate) const fn provider_file(self) -> Option<&'static str> {
        match self {
            Self::OpenvinoF32 | Self::OpenvinoBf16 | Self::OpenvinoInt8 => {
                Some("libonnxruntime_providers_openvino.so")
            }
            Self::Cuda => Some("libonnxruntime_providers_cuda.so"),
            Self::Tensorrt => Some("libonnxruntime_providers_tensorrt.so"),
            Self::Auto | Self::Cpu | Self::Coreml => None,
        }
    }

    /// What computes on this machine, with the libraries of `manifest`; `device` is the number of the GPU.
    pub fn resolve(self, manifest: &Manifest, device: u32) -> Provider {
        match self {
            Self::Cpu => Provider::Cpu,
            Self::Cuda => Provider::Cuda(device),
            Self::Tensorrt => Provider::TensorRt(device),
            Self::Coreml => Provider::CoreMl,
            Self::OpenvinoF32 => Provider::OpenVino(Precision::F32),
            Self::OpenvinoBf16 => Provider::OpenVino(Precision::Bf16),
            Self::OpenvinoInt8 => Provider::OpenVino(Precision::Int8),
            Self::Auto => {
                let fast = Provider::OpenVino(Precision::Int8);
                let usable = computes_in_int8() && manifest.library(fast.library()).is_some();
                if usable { fast } else { Provider::Cpu }
            }
        }
    }
}

/// Whether the processor has instructions for 16-bit brain floats.
pub(crate) fn computes_in_bf16() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx512bf16");
    #[cfg(not(target_arch = "x86_64"))]
    return false;
}

/// Whether the processor has instructions for sums of products of bytes.
pub(crate) fn computes_in_int8() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx512vnni")
        || std::arch::is_x86_feature_detected!("avxvnni");
    #[cfg(not(target_arch = "x86_64"))]
    return false;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_without_openvino_computes_on_the_cpu_provider() {
        let mut manifest = Manifest::built_in().unwrap();
        manifest.libraries.retain(|library| library.name != LibraryName::OnnxruntimeOpenvino);

        assert_eq!(ProviderChoice::Auto.resolve(&manifest, 0), Provider::Cpu);
    }

    #[test]
    fn what_was_asked_for_is_not_second_guessed() {
        let manifest = Manifest::built_in().unwrap();

        let chosen = |name: &str| {
            serde_json::from_str::<ProviderChoice>(&format!("{name:?}")).unwrap().resolve(&manifest, 1)
        };

        assert_eq!(chosen("cpu"), Provider::Cpu);
        assert_eq!(chosen("openvino-f32"), Provider::OpenVino(Precision::F32));
        assert_eq!(chosen("cuda"), Provider::Cuda(1));
        assert_eq!(chosen("tensorrt"), Provider::TensorRt(1));
        assert_eq!(chosen("coreml"), Provider::CoreMl);
        assert_eq!(chosen("openvino-bf16"), Provider::OpenVino(Precision::Bf16));
        assert_eq!(chosen("openvino-int8"), Provider::OpenVino(Precision::Int8));
    }

    #[test]
    fn a_provider_is_chosen_by_the_name_that_it_gives() {
        let manifest = Manifest::built_in().unwrap();

        for choice in ProviderChoice::NAMED {
            assert_eq!(serde_json::to_string(&choice).unwrap(), format!("{:?}", choice.as_str()));
            assert_eq!(choice.resolve(&manifest, 0).choice(), choice);
        }
    }
}
