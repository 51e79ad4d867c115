//! TensorBoard's event files. A record is its length, a checksum of that, the bytes of an Event message, and a checksum of these:
//! <https://github.com/tensorflow/tensorboard/blob/master/tensorboard/compat/proto/event.proto>. Scalars only.

use prost::Message;

/// event.proto, as far as it is written here.
#[derive(Clone, PartialEq, Message)]
struct Event {
    /// seconds; 0 here, so that the same run gives the same bytes
    #[prost(double, tag = "1")]
    wall_time: f64,
    #[prost(int64, tag = "2")]
    step: i64,
    #[prost(string, optional, tag = "3")]
    file_version: Option<String>,
    #[prost(message, optional, tag = "5")]
    summary: Option<Summary>,
}

/// summary.proto
#[derive(Clone, PartialEq, Message)]
struct Summary {
    #[prost(message, repeated, tag = "1")]
    value: Vec<Value>,
}

#[derive(Clone, PartialEq, Message)]
struct Value {
    #[prost(string, tag = "1")]
    tag: String,
    #[prost(float, optional, tag = "2")]
    simple_value: Option<f32>,
}

/// The bytes of an event file.
pub(super) struct EventFile {
    bytes: Vec<u8>,
}

impl EventFile {
    /// A file that says its version.
    pub(super) fn new() -> Self {
        let mut file = Self { bytes: vec![] };
        let version = Some("brain.Event:2".to_owned());
        file.record(&Event { wall_time: 0.0, step: 0, file_version: version, summary: None });
        file
    }

    /// Adds a number, rounded to f32, which is all that the format has.
    pub(super) fn scalar(&mut self, step: usize, tag: &str, value: f64) {
        let value = Value { tag: tag.to_owned(), simple_value: Some(value as f32) };
        let step = i64::try_from(step).unwrap_or(i64::MAX);
        self.record(&Event { wall_time: 0.0, step, file_version: None, summary: Some(Summary { value: vec![value] }) });
    }

    pub(super) fn bytes(self) -> Vec<u8> {
        self.bytes
    }

    fn record(&mut self, event: &Event) {
        let message = event.encode_to_vec();
        let length = (message.len() as u64).to_le_bytes();
        self.bytes.extend(length);
        self.bytes.extend(masked(crc32c::crc32c(&length)).to_le_bytes());
        self.bytes.extend(&message);
        self.bytes.extend(masked(crc32c::crc32c(&message)).to_le_bytes());
    }
}

/// Checksums are stored rotated and shifted by a constant, so that a checksum of bytes that hold one is no trivial number.
const fn masked(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The length, the message byte by byte, and both checksums; that of CRC-32C is held against RFC 3720's (`123456789` gives e3069283).
    #[test]
    fn records_have_the_published_layout() {
        assert_eq!(crc32c::crc32c(b"123456789"), 0xe306_9283);
        let bytes = EventFile::new().bytes();
        // a time of 0 and a step of 0 are left out, as protobuf does: tag 3, 13 bytes of text
        assert_eq!(bytes[..8], [15, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(bytes[12..27], *b"\x1a\x0dbrain.Event:2");
        let length = usize::from(bytes[0]);
        assert_eq!(bytes.len(), 8 + 4 + length + 4);
        assert_eq!(
            Event::decode(&bytes[12..12 + length]).expect("a message").file_version.as_deref(),
            Some("brain.Event:2")
        );
        let crc = u32::from_le_bytes([bytes[8], bytes[9], bytes[10], bytes[11]]);
        assert_eq!(crc.wrapping_sub(0xa282_ead8).rotate_left(15), crc32c::crc32c(&bytes[..8]));
        let crc = u32::from_le_bytes([bytes[27], bytes[28], bytes[29], bytes[30]]);
        assert_eq!(crc.wrapping_sub(0xa282_ead8).rotate_left(15), crc32c::crc32c(&bytes[12..27]));
    }
}
