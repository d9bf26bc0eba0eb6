//! Writes inputs that are right, from which the targets' begin: `seeds FOLDER` makes `FOLDER/<target>/<number>`.

use aesparse::data::cifar10::{BATCHES, FILES};
use aesparse::experiment::{Executor, Supervisor, Trainer};
use aesparse::linalg::Team;
use aesparse::store::Weights;
use aesparse::training::{Checkpoint, Measurement, Next, Observer};
use aesparse_fuzz::{Sweep, results_files, sweep};
use flate2::{Compression, write::GzEncoder};
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use std::fs;
use std::io::{Cursor, Write};
use std::path::PathBuf;

/// Leaves a run after some steps, with a checkpoint.
struct Leave<'s> {
    sweep: &'s Sweep,
    key: &'s str,
    steps: u32,
}

impl Observer for Leave<'_> {
    fn epoch(&mut self, _: u32, _: f64, _: &Measurement) {}
}

impl Supervisor for Leave<'_> {
    fn restarts(&mut self) {}

    fn next(&mut self) -> Next {
        self.steps -= 1;
        if self.steps == 0 { Next::Stop } else { Next::Continue }
    }

    fn save(&mut self, checkpoint: &Checkpoint<f32>) {
        self.sweep.store.save_checkpoint(self.key, checkpoint, &[]).expect("it can be written");
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory takes it");
    encoder.finish().expect("memory takes it")
}

fn plain_and_gzip(bytes: Vec<u8>) -> [Vec<u8>; 2] {
    let packed = gzip(&bytes);
    [bytes, packed]
}

fn npy(dtype: &str, fortran: &str, values: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{dtype}', 'fortran_order': {fortran}, 'shape': (2, 3), }}");
    let mut bytes = b"\x93NUMPY\x01\x00\x76\x00".to_vec();
    bytes.extend(format!("{header:<117}\n").bytes());
    bytes.extend(values);
    bytes
}

/// A picture in every way of writing it.
fn pictures() -> [Vec<u8>; 4] {
    let colors = RgbaImage::from_fn(9, 7, |x, y| Rgba([(x * 25) as u8, (y * 30) as u8, 99, (x * y * 4) as u8]));
    let colors = DynamicImage::from(colors);
    let written = |picture: DynamicImage, format| {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).expect("memory takes it");
        bytes.into_inner()
    };
    [
        written(colors.clone(), ImageFormat::Png),
        written(colors.to_luma16().into(), ImageFormat::Png),
        written(colors.to_rgb8().into(), ImageFormat::Jpeg),
        written(colors.to_luma8().into(), ImageFormat::Jpeg),
    ]
}

/// All files of CIFAR-10 with two images each, one after the other, and in an archive.
fn cifar10() -> [Vec<u8>; 2] {
    // Here the program may be built as for users, who have more images in a file.
    let size = 2 * FILES[0].size() as usize / FILES[0].samples();
    let images: Vec<u8> = (0..size).map(|i| if i % (size / 2) == 0 { 7 } else { (i % 251) as u8 }).collect();
    let mut archive = tar::Builder::new(Vec::new());
    for known in &FILES {
        let mut header = tar::Header::new_ustar();
        header.set_size(size as u64);
        let path = format!("{BATCHES}/{}", known.name);
        archive.append_data(&mut header, path, images.as_slice()).expect("memory takes it");
    }
    let archive = gzip(&archive.into_inner().expect("memory takes it"));
    [[vec![0], archive].concat(), [vec![1], images.repeat(FILES.len())].concat()]
}

fn main() {
    let root = PathBuf::from(std::env::args().nth(1).expect("usage: seeds FOLDER"));
    let write = |target: &str, seeds: Vec<Vec<u8>>| {
        fs::create_dir_all(root.join(target)).expect("the folder can be made");
        for (number, seed) in seeds.iter().enumerate() {
            fs::write(root.join(target).join(number.to_string()), seed).expect("it can be written");
        }
    };
    let sweep = sweep();
    let Sweep { plan, dataset, store } = sweep;

    let images = [&[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3][..], b"twelve bytes"].concat();
    let labels = [&[0, 0, 8, 1, 0, 0, 0, 5][..], &[1, 2, 3, 4, 5]].concat();
    write("idx", [images, labels].into_iter().flat_map(plain_and_gzip).collect());

    let numbers = [0.5_f32, -1.0, 3.0, 1e-30, 7.0, -0.0];
    let single: Vec<u8> = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
    let double: Vec<u8> = numbers.iter().flat_map(|x| f64::from(*x).to_le_bytes()).collect();
    let files = [npy("<f4", "False", &single), npy("<f8", "True", &double), npy("|u1", "False", b"sixsix")];
    write("npy", files.into_iter().flat_map(plain_and_gzip).collect());

    write("images", pictures().into());

    write("cifar10", cifar10().into());

    let (mut checkpoints, mut archives) = (Vec::new(), Vec::new());
    for (number, training) in plan.trainings.iter().enumerate() {
        let key = training.key.as_str();
        // Within the first, the second and the last epoch.
        let steps = [2, 4, 7][number % 3];
        let mut leave = Leave { sweep, key, steps };
        let left = Trainer::new(plan, dataset, None).train(training, None, &Team::alone(), &mut leave);
        assert!(left.is_none(), "it was stopped");
        let path = store.folder().join(format!("checkpoints/{key}.safetensors"));
        checkpoints.push(fs::read(path).expect("it was kept"));
        let trained = Trainer::new(plan, dataset, None).train(training, None, &Team::alone(), &mut Leave { sweep, key, steps: 99 });
        let weights = Weights::from(&trained.expect("nobody stopped it").last);
        archives.push(weights.encode().expect("it can be written"));
    }
    write("checkpoint", checkpoints);
    write("npz", archives);

    let files = results_files();
    let contents: Vec<_> = files.iter().map(|file| fs::read(store.folder().join(file)).expect("it is there")).collect();
    write("record", contents[2..].to_vec());
    let which = |(number, content)| [vec![number as u8], content].concat();
    write("results", contents.into_iter().enumerate().map(which).collect());
}
