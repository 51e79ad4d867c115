//! Model files: the messages of the ONNX standard, as far as activations need them.
//!
//! Field numbers are those of the standard's `onnx.proto`. What is not declared here is skipped when a file is read, and
//! raw data is kept as slices of the file, so that a model of any size costs its own size once.

use prost::Message;
use prost::bytes::Bytes;

/// A model file.
#[derive(Clone, PartialEq, Message)]
pub struct Model {
    #[prost(int64, optional, tag = "1")]
    pub ir_version: Option<i64>,
    #[prost(string, optional, tag = "2")]
    pub producer: Option<String>,
    #[prost(message, optional, tag = "7")]
    pub graph: Option<Graph>,
    #[prost(message, repeated, tag = "8")]
    pub opsets: Vec<Opset>,
    #[prost(message, repeated, tag = "25")]
    pub functions: Vec<Function>,
}

/// A version of a set of operators.
#[derive(Clone, PartialEq, Message)]
pub struct Opset {
    #[prost(string, optional, tag = "1")]
    pub domain: Option<String>,
    #[prost(int64, optional, tag = "2")]
    pub version: Option<i64>,
}

/// Nodes in topological order.
#[derive(Clone, PartialEq, Message)]
pub struct Graph {
    #[prost(message, repeated, tag = "1")]
    pub nodes: Vec<Node>,
    #[prost(string, optional, tag = "2")]
    pub name: Option<String>,
    #[prost(message, repeated, tag = "5")]
    pub initializers: Vec<Tensor>,
    #[prost(message, repeated, tag = "11")]
    pub inputs: Vec<ValueInfo>,
    #[prost(message, repeated, tag = "12")]
    pub outputs: Vec<ValueInfo>,
    #[prost(message, repeated, tag = "13")]
    pub values: Vec<ValueInfo>,
}

/// A function that is defined by nodes, in the model itself.
#[derive(Clone, PartialEq, Message)]
pub struct Function {
    #[prost(string, optional, tag = "1")]
    pub name: Option<String>,
    #[prost(string, repeated, tag = "4")]
    pub inputs: Vec<String>,
    #[prost(string, repeated, tag = "5")]
    pub outputs: Vec<String>,
    #[prost(message, repeated, tag = "7")]
    pub nodes: Vec<Node>,
    #[prost(message, repeated, tag = "9")]
    pub opsets: Vec<Opset>,
    #[prost(string, optional, tag = "10")]
    pub domain: Option<String>,
}

/// One operation.
#[derive(Clone, PartialEq, Message)]
pub struct Node {
    #[prost(string, repeated, tag = "1")]
    pub inputs: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    pub outputs: Vec<String>,
    #[prost(string, optional, tag = "3")]
    pub name: Option<String>,
    #[prost(string, optional, tag = "4")]
    pub op: Option<String>,
    #[prost(message, repeated, tag = "5")]
    pub attributes: Vec<Attribute>,
    #[prost(string, optional, tag = "7")]
    pub domain: Option<String>,
}

/// A constant of an operation.
#[derive(Clone, PartialEq, Message)]
pub struct Attribute {
    #[prost(string, optional, tag = "1")]
    pub name: Option<String>,
    #[prost(float, optional, tag = "2")]
    pub float: Option<f32>,
    #[prost(int64, optional, tag = "3")]
    pub int: Option<i64>,
    #[prost(bytes = "bytes", optional, tag = "4")]
    pub text: Option<Bytes>,
    #[prost(message, optional, boxed, tag = "5")]
    pub tensor: Option<Box<Tensor>>,
    #[prost(message, optional, boxed, tag = "6")]
    pub graph: Option<Box<Graph>>,
    #[prost(float, repeated, tag = "7")]
    pub floats: Vec<f32>,
    #[prost(int64, repeated, tag = "8")]
    pub ints: Vec<i64>,
    #[prost(int32, optional, tag = "20")]
    pub kind: Option<i32>,
    /// the value is an argument of the function around it
    #[prost(string, optional, tag = "21")]
    pub reference: Option<String>,
}

/// Numbers of attribute types.
pub mod kind {
    /// `FLOAT`
    pub const FLOAT: i32 = 1;
    /// `STRING`
    pub const TEXT: i32 = 3;
}

/// An array.
#[derive(Clone, PartialEq, Message)]
pub struct Tensor {
    #[prost(int64, repeated, tag = "1")]
    pub dims: Vec<i64>,
    #[prost(int32, optional, tag = "2")]
    pub element: Option<i32>,
    #[prost(float, repeated, tag = "4")]
    pub floats: Vec<f32>,
    #[prost(int32, repeated, tag = "5")]
    pub ints: Vec<i32>,
    #[prost(int64, repeated, tag = "7")]
    pub longs: Vec<i64>,
    #[prost(string, optional, tag = "8")]
    pub name: Option<String>,
    #[prost(bytes = "bytes", optional, tag = "9")]
    pub raw: Option<Bytes>,
    #[prost(double, repeated, tag = "10")]
    pub doubles: Vec<f64>,
    /// 1: in another file
    #[prost(int32, optional, tag = "14")]
    pub location: Option<i32>,
}

/// Name and type of a value.
#[derive(Clone, PartialEq, Message)]
pub struct ValueInfo {
    #[prost(string, optional, tag = "1")]
    pub name: Option<String>,
    #[prost(message, optional, tag = "2")]
    pub kind: Option<Type>,
}

/// A type; only tensors have one here.
#[derive(Clone, PartialEq, Message)]
pub struct Type {
    #[prost(message, optional, tag = "1")]
    pub tensor: Option<TensorType>,
}

/// The type of a tensor.
#[derive(Clone, PartialEq, Message)]
pub struct TensorType {
    #[prost(int32, optional, tag = "1")]
    pub element: Option<i32>,
    #[prost(message, optional, tag = "2")]
    pub shape: Option<Shape>,
}

/// Lengths.
#[derive(Clone, PartialEq, Message)]
pub struct Shape {
    #[prost(message, repeated, tag = "1")]
    pub dims: Vec<Dim>,
}

/// A length: a number, or a name for any.
#[derive(Clone, PartialEq, Message)]
pub struct Dim {
    #[prost(int64, optional, tag = "1")]
    pub value: Option<i64>,
    #[prost(string, optional, tag = "2")]
    pub name: Option<String>,
}

impl Model {
    /// Reads a file.
    pub fn read(file: Vec<u8>) -> Result<Self, prost::DecodeError> {
        Self::decode(Bytes::from(file))
    }

    /// The bytes of the file.
    pub fn write(&self) -> Vec<u8> {
        self.encode_to_vec()
    }
}

impl Node {
    /// The name of the operator.
    pub fn operator(&self) -> &str {
        self.op.as_deref().unwrap_or_default()
    }

    /// The name of the operator's domain, empty for the standard itself.
    pub fn operator_set(&self) -> &str {
        match self.domain.as_deref().unwrap_or_default() {
            "ai.onnx" => "",
            domain => domain,
        }
    }

    /// The attribute of this name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|a| a.name.as_deref() == Some(name))
    }

    /// The first output.
    pub fn output(&self) -> &str {
        self.outputs.first().map_or("", String::as_str)
    }

    /// What people call it: its own name, or else that of its first output.
    pub fn label(&self) -> &str {
        self.name.as_deref().filter(|name| !name.is_empty()).unwrap_or_else(|| self.output())
    }
}
