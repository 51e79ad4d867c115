//! Model files, byte by byte: nothing of the code under test writes them.

/// A number of a field, in groups of seven bits.
fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A field that holds bytes: a text or a message.
fn bytes(field: u64, content: &[u8]) -> Vec<u8> {
    let mut out = vec![];
    varint(field << 3 | 2, &mut out);
    varint(content.len() as u64, &mut out);
    out.extend(content);
    out
}

/// A field that holds an integer.
fn int(field: u64, value: i64) -> Vec<u8> {
    let mut out = vec![];
    varint(field << 3, &mut out);
    varint(value as u64, &mut out);
    out
}

/// An element type: its number in the standard, and how a constant is written in it.
#[derive(Clone, Copy)]
pub struct Dtype(pub i64, pub fn(f64) -> Vec<u8>);

pub const F32: Dtype = Dtype(1, |v| (v as f32).to_le_bytes().to_vec());
pub const F16: Dtype = Dtype(10, |v| half::f16::from_f64(v).to_le_bytes().to_vec());

/// `OUTPUT = OPERATOR(INPUT, INPUT, attribute=2.5)`, with operands separated by blanks.
pub fn node(text: &str) -> Vec<u8> {
    let (output, rest) = text.split_once(" = ").expect("a node");
    let (operator, operands) = rest.trim_end_matches(')').split_once('(').expect("an operator");
    let mut out = vec![];
    let mut attributes = vec![];
    for operand in operands.split(", ").filter(|operand| !operand.is_empty()) {
        match operand.split_once('=') {
            None => out.extend(bytes(1, operand.as_bytes())),
            Some((name, value)) => {
                let mut attribute = bytes(1, name.as_bytes());
                match (value.parse::<i64>(), value.parse::<f32>()) {
                    (Ok(number), _) => attribute.extend([int(3, number), int(20, 2)].concat()),
                    (_, Ok(number)) => {
                        attribute.extend([2 << 3 | 5].into_iter().chain(number.to_le_bytes()));
                        attribute.extend(int(20, 1));
                    }
                    _ => attribute.extend([bytes(4, value.as_bytes()), int(20, 3)].concat()),
                }
                attributes.extend(bytes(5, &attribute));
            }
        }
    }
    out.extend(bytes(2, output.as_bytes()));
    out.extend(bytes(3, format!("{operator}_{output}").as_bytes()));
    out.extend(bytes(4, operator.as_bytes()));
    out.extend(attributes);
    out
}

fn value(name: &str, dtype: Dtype) -> Vec<u8> {
    let dims = [bytes(1, &bytes(2, b"batch")), bytes(1, &bytes(2, b"width"))].concat();
    let tensor = [int(1, dtype.0), bytes(2, &dims)].concat();
    [bytes(1, name.as_bytes()), bytes(2, &bytes(1, &tensor))].concat()
}

/// A model from `x` to `y` of two dimensions; constants are `name = value`, with an array instead of a number if the value
/// is repeated.
pub fn model(nodes: &[&str], constants: &[(&str, f64)], dtype: Dtype) -> Vec<u8> {
    let mut graph = vec![];
    for text in nodes {
        graph.extend(bytes(1, &node(text)));
    }
    graph.extend(bytes(2, b"test"));
    for (name, number) in constants {
        // a name that says so is an array of two
        let (dims, raw) = match name.starts_with("array") {
            true => (int(1, 2), (dtype.1)(*number).repeat(2)),
            false => (vec![], (dtype.1)(*number)),
        };
        graph.extend(bytes(5, &[dims, int(2, dtype.0), bytes(8, name.as_bytes()), bytes(9, &raw)].concat()));
    }
    graph.extend(bytes(11, &value("x", dtype)));
    graph.extend(bytes(12, &value("y", dtype)));
    let opset = [bytes(1, b""), int(2, 20)].concat();
    [int(1, 9), bytes(2, b"by hand"), bytes(7, &graph), bytes(8, &opset)].concat()
}
