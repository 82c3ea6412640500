//! `--device`: what computes the networks of a worker.

use std::str::FromStr;

use quire_models::provider::ProviderChoice;
use quire_worker::PipelineConfig;

/// A device that this build can use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Device {
    /// The processor; `[pipeline] provider` says how.
    Cpu,
    /// The NVIDIA GPU with this number.
    Cuda(u32),
}

impl Device {
    /// Puts the device into the settings; on the processor a provider that is none of its own becomes `auto`.
    pub(super) fn apply(self, pipeline: &mut PipelineConfig) {
        match self {
            Self::Cpu if pipeline.provider.is_accelerator() => pipeline.provider = ProviderChoice::Auto,
            Self::Cpu => {}
            Self::Cuda(gpu) => (pipeline.provider, pipeline.gpu) = (ProviderChoice::Cuda, gpu),
        }
    }
}

/// A device that it cannot use.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("devices are cpu, cuda and cuda:NUMBER")]
pub(super) struct UnknownDevice;

impl FromStr for Device {
    type Err = UnknownDevice;

    fn from_str(text: &str) -> Result<Self, UnknownDevice> {
        match text.split_once(':') {
            None if text == "cpu" => Ok(Self::Cpu),
            None if text == "cuda" => Ok(Self::Cuda(0)),
            Some(("cuda", number)) => number.parse().map(Self::Cuda).map_err(|_| UnknownDevice),
            _ => Err(UnknownDevice),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gpu_is_named_with_its_number_and_sets_the_provider() {
        let mut pipeline = PipelineConfig::default();

        "cuda:1".parse::<Device>().unwrap().apply(&mut pipeline);

        assert_eq!((pipeline.provider, pipeline.gpu), (ProviderChoice::Cuda, 1));
        "cpu".parse::<Device>().unwrap().apply(&mut pipeline);
        assert_eq!(pipeline.provider, ProviderChoice::Auto);
        assert!(["gpu", "cuda:", "cuda:x", "cpu:0"].iter().all(|text| text.parse::<Device>().is_err()));
    }
}
