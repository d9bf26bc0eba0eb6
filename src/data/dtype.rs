//! Types of the values in files with arrays, all little-endian.

/// What is wrong with an array, and what to do about it; `None`: the file is damaged.
pub(crate) type ArrayProblem = (String, Option<String>);

/// Type of the values of an array that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dtype {
    /// Unsigned bytes.
    U8,
    /// Half precision.
    F16,
    /// bfloat16: the upper half of an f32.
    Bf16,
    /// Single precision.
    F32,
    /// Double precision.
    F64,
}

impl Dtype {
    /// The type that the text `descr` in the header of a `.npy` file means.
    pub(super) fn of_descr(descr: &str) -> Result<Self, ArrayProblem> {
        const CONVERT: &str = "convert it, for instance with numpy.save(path, x.astype('float32'))";
        let name = descr.trim_matches(['\'', '"']);
        match name {
            "|u1" | "<u1" | "u1" => Ok(Self::U8),
            "<f2" => Ok(Self::F16),
            "<f4" => Ok(Self::F32),
            "<f8" => Ok(Self::F64),
            _ if name.starts_with('>') => Err((
                format!("holds big-endian values (dtype {name}), expected little-endian f32, f64, f16 or u8"),
                Some("convert it, for instance with numpy.save(path, x.astype('<f4'))".to_owned()),
            )),
            // numpy has no bfloat16: it writes the values of the package `ml_dtypes` as two bytes of any meaning.
            "|V2" | "<V2" => Err((
                format!(
                    "has dtype {name}, two bytes of unknown meaning, as numpy writes bfloat16, expected f32 (<f4), f64 (<f8), \
                     f16 (<f2) or u8 (|u1)"
                ),
                Some(
                    "save it as float32, numpy.save(path, x.astype('float32')), or in a .safetensors file, which names the type BF16"
                        .to_owned(),
                ),
            )),
            _ => Err((
                format!("has dtype {name}, expected f32 (<f4), f64 (<f8), f16 (<f2) or u8 (|u1)"),
                Some(CONVERT.to_owned()),
            )),
        }
    }

    /// The text that stands for the type in the header of a `.npy` file. numpy has none for bfloat16.
    pub(super) fn descr(self) -> &'static str {
        match self {
            Self::U8 => "|u1",
            Self::F16 => "<f2",
            Self::Bf16 => "bfloat16",
            Self::F32 => "<f4",
            Self::F64 => "<f8",
        }
    }

    /// `f32`, for messages.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
            Self::F32 => "f32",
            Self::F64 => "f64",
        }
    }
}
