//! Where a kernel runs.

use super::TorchError;
use std::fmt;
use std::str::FromStr;

/// Where a kernel runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Device {
    /// the processor
    Cpu,
    /// a CUDA device by its number
    Cuda(usize),
}

impl fmt::Display for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => write!(f, "cpu"),
            Self::Cuda(n) => write!(f, "cuda:{n}"),
        }
    }
}

impl FromStr for Device {
    type Err = TorchError;

    fn from_str(text: &str) -> Result<Self, TorchError> {
        let cuda = |number: &str| number.parse().ok().map(Self::Cuda);
        match text {
            "cpu" => Some(Self::Cpu),
            "cuda" => Some(Self::Cuda(0)),
            _ => text.strip_prefix("cuda:").and_then(cuda),
        }
        .ok_or_else(|| TorchError::UnknownDevice(text.to_owned()))
    }
}

impl Device {
    /// The device if it is there.
    pub(crate) fn resolve(self) -> Result<tch::Device, TorchError> {
        match self {
            Self::Cpu => Ok(tch::Device::Cpu),
            Self::Cuda(n) => {
                let count = tch::Cuda::device_count();
                let there = usize::try_from(count).is_ok_and(|count| n < count);
                if there { Ok(tch::Device::Cuda(n)) } else { Err(TorchError::NoDevice { device: self, count }) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_read_and_printed() {
        for (text, device) in [("cpu", Device::Cpu), ("cuda:0", Device::Cuda(0)), ("cuda:12", Device::Cuda(12))] {
            assert_eq!(text.parse(), Ok(device));
            assert_eq!(device.to_string(), text);
        }
        assert_eq!("cuda".parse(), Ok(Device::Cuda(0)));
        for text in ["", "gpu", "cuda:", "cuda:-1", "cuda:x", "CPU"] {
            assert_eq!(text.parse::<Device>(), Err(TorchError::UnknownDevice(text.to_owned())));
        }
    }
}
