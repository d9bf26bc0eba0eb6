//! The geometry of images: whether the inputs of a sample are pixels, and in which order.

use crate::data::{Source, patches};
use image::{Rgb, RgbImage};

/// Greatest number of rows and of columns of an image that is drawn.
const LARGEST: usize = 512;

/// Inputs as pixels: row by row from the top, in a row from the left, with the channels of a pixel next to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    rows: usize,
    columns: usize,
    /// 1, or 3: red, green, blue.
    channels: usize,
}

impl Geometry {
    /// The images of `source` with `inputs` values each: grey squares of MNIST, 8 × 8 pixels in colour of CIFAR-10's patches, and the size of
    /// a folder of images. Other sources have no images, whatever the number of their inputs. At most 512 rows and columns.
    ///
    /// # Errors
    /// A sentence that says why the inputs are no image, or why the image can't be drawn.
    pub fn of(source: &Source, inputs: usize) -> Result<Self, String> {
        let side = inputs.isqrt();
        let geometry = match source {
            Source::Images(folder) if folder.inputs() == inputs => {
                Self { rows: folder.height, columns: folder.width, channels: folder.channels.count() }
            }
            Source::Images(folder) => {
                let expected = folder.inputs();
                return Err(format!(
                    "the {inputs} inputs are not the {expected} values of the source's images"
                ));
            }
            Source::Cifar10Patches if inputs == patches::INPUTS => {
                Self { rows: patches::SIDE, columns: patches::SIDE, channels: 3 }
            }
            Source::Mnist if side * side == inputs => Self { rows: side, columns: side, channels: 1 },
            _ => {
                return Err(format!(
                    "the {inputs} inputs are no images; only the sources mnist, cifar10_patches and images have pixels"
                ));
            }
        };
        let Self { rows, columns, .. } = geometry;
        if rows.max(columns) > LARGEST {
            return Err(format!("images of {rows} × {columns} pixels are too large to draw many of them"));
        }
        Ok(geometry)
    }

    /// Rows and columns of an image.
    pub(super) fn size(self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    /// The image of `values` \[n\]; `shade` gives the brightness of a value, from 0 to 255.
    ///
    /// # Panics
    /// If there are not as many values as inputs.
    pub(super) fn tile(self, values: &[f64], shade: impl Fn(f64) -> u8) -> RgbImage {
        let Self { rows, columns, channels } = self;
        assert_eq!(values.len(), rows * columns * channels, "the values of another image");
        let pixel =
            |x: u32, y: u32| match &values[(y as usize * columns + x as usize) * channels..][..channels] {
                [red, green, blue] => Rgb([*red, *green, *blue].map(&shade)),
                values => Rgb([shade(values[0]); 3]),
            };
        RgbImage::from_fn(columns as u32, rows as u32, pixel)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Synthetic;
    use crate::data::images::{Channels, Fit, ImageFolder, OnError};

    const GREY: Channels = Channels::Grey;

    fn own() -> Source {
        Source::Npy { path: "mine.npy".into() }
    }

    fn pictures(height: usize, width: usize, channels: Channels) -> Source {
        let (path, fit, on_error) = ("mine".into(), Fit::Cover, OnError::Refuse);
        Source::Images(ImageFolder { path, height, width, channels, fit, on_error })
    }

    #[test]
    fn only_sources_of_images_have_pixels() {
        let grey = |side| Ok(Geometry { rows: side, columns: side, channels: 1 });
        assert_eq!(Geometry::of(&Source::Mnist, 784), grey(28));
        let color = Ok(Geometry { rows: 8, columns: 8, channels: 3 });
        assert_eq!(Geometry::of(&Source::Cifar10Patches, 192), color);
        let synthetic = Synthetic { samples: 1, inputs: 192, atoms: 1, active: 1, noise: 0.0, seed: 1 };
        // Embeddings of 256 dimensions are no images of 16 × 16 pixels.
        for (source, inputs) in [(own(), 256), (own(), 192), (own(), 12), (Source::Synthetic(synthetic), 192)]
        {
            assert!(Geometry::of(&source, inputs).unwrap_err().contains("no images"), "{inputs}");
        }
    }

    #[test]
    fn pictures_have_the_shape_that_they_are_read_in() {
        let of = |rows, columns, channels| Ok(Geometry { rows, columns, channels });
        // Neither a square number, nor a patch in spite of 192 values, nor too small.
        assert_eq!(Geometry::of(&pictures(4, 6, GREY), 24), of(4, 6, 1));
        assert_eq!(Geometry::of(&pictures(16, 4, Channels::Rgb), 192), of(16, 4, 3));
        assert_eq!(Geometry::of(&pictures(1, 1, GREY), 1), of(1, 1, 1));
        assert!(Geometry::of(&pictures(512, 2, GREY), 1024).is_ok());
        assert!(
            Geometry::of(&pictures(2, 513, GREY), 1026).unwrap_err().contains("2 × 513 pixels are too large")
        );
        assert!(
            Geometry::of(&pictures(4, 6, GREY), 25).unwrap_err().contains("25 inputs are not the 24 values")
        );
    }

    #[test]
    fn pixels_go_row_by_row_with_their_channels_side_by_side() {
        let shade = |value: f64| value as u8;
        let square = |channels| Geometry { rows: 2, columns: 2, channels };
        let grey = square(1).tile(&[1.0, 2.0, 3.0, 4.0], shade);
        assert_eq!(grey.into_raw(), [[1; 3], [2; 3], [3; 3], [4; 3]].concat());
        let values: Vec<f64> = (0..12).map(f64::from).collect();
        let color = square(3).tile(&values, shade);
        assert_eq!(color.into_raw(), (0..12).collect::<Vec<u8>>());
    }
}
