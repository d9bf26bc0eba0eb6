//! Whether the inputs of a sample are the pixels of an image, and in which order.

use super::raster::Tile;
use crate::data::patches;

/// Rows and columns of the largest image that is drawn.
const LARGEST: usize = 512;

/// Inputs as pixels: rows from above, in each the pixels from the left, the channels of a pixel side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    /// Rows, and columns.
    side: usize,
    /// 1, or 3: red, green, blue.
    channels: usize,
}

impl Geometry {
    /// The images with `inputs` values of the data set `dataset`, as `runs.csv` calls it: 8 × 8 pixels in colour for 192
    /// inputs, which CIFAR-10's patches have, but for synthetic ones; a grey square where `inputs` is a square number from 4
    /// to 262,144, as MNIST's 784 are.
    ///
    /// # Errors
    /// A sentence that says why the inputs are no image.
    pub fn of(dataset: &str, inputs: usize) -> Result<Self, String> {
        if inputs == patches::INPUTS && dataset != "synthetic" {
            return Ok(Self { side: patches::SIDE, channels: 3 });
        }
        let side = inputs.isqrt();
        if side * side != inputs || side < 2 {
            return Err(format!("the {inputs} inputs are no images: neither a square number nor 8 × 8 × 3"));
        }
        if side > LARGEST {
            return Err(format!("images of {side} × {side} pixels are too large to draw many of them"));
        }
        Ok(Self { side, channels: 1 })
    }

    /// Rows, and columns, of an image.
    pub(super) fn side(self) -> usize {
        self.side
    }

    /// The image of `values` \[n\] with the brightness `shade` of each, from 0 to 255.
    ///
    /// # Panics
    /// If there are not as many values as inputs.
    pub(super) fn tile(self, values: &[f64], shade: impl Fn(f64) -> u8) -> Tile {
        let Self { side, channels } = self;
        assert_eq!(values.len(), side * side * channels, "the values of another image");
        let pixel = |values: &[f64]| match values {
            [red, green, blue] => [*red, *green, *blue].map(&shade),
            values => [shade(values[0]); 3],
        };
        Tile { side, pixels: values.chunks_exact(channels).map(pixel).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_grey_and_patches_in_colour() {
        let grey = |side| Ok(Geometry { side, channels: 1 });
        assert_eq!(Geometry::of("mnist", 784), grey(28));
        assert_eq!(Geometry::of("mine", 4), grey(2));
        let color = Geometry { side: 8, channels: 3 };
        assert_eq!(Geometry::of("cifar10", 192), Ok(color));
        assert_eq!(Geometry::of("patches-of-mine", 192), Ok(color));
        for (dataset, inputs) in [("mine", 0), ("mine", 1), ("mine", 12), ("synthetic", 192)] {
            assert!(Geometry::of(dataset, inputs).unwrap_err().contains("no images"), "{inputs}");
        }
        assert!(Geometry::of("mine", 513 * 513).unwrap_err().contains("513 × 513"));
        assert!(Geometry::of("mine", 512 * 512).is_ok());
    }

    #[test]
    fn pixels_go_row_by_row_with_their_channels_side_by_side() {
        let shade = |value: f64| value as u8;
        let grey = Geometry { side: 2, channels: 1 }.tile(&[1.0, 2.0, 3.0, 4.0], shade);
        assert_eq!(grey.pixels, [[1; 3], [2; 3], [3; 3], [4; 3]]);
        let values: Vec<f64> = (0..12).map(f64::from).collect();
        let color = Geometry { side: 2, channels: 3 }.tile(&values, shade);
        assert_eq!(color.pixels, [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9, 10, 11]]);
    }
}
